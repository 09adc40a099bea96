/** Why a test cannot apply to a worker of this platform: a closed list. */
export type NotApplicableReason =
  | 'needs Window'
  | 'needs DOM'
  | 'needs Worker'
  | 'cross-origin'
  | 'SharedArrayBuffer'
  | 'growable buffers'
  | 'finalization'
  | 'HTTP cache'
  | 'HTTP/2'
  | 'proposal';

/**
 * What is known about the tests of one area that do not pass. Paths are those of the checkout,
 * without variants. A `*` in the name of a test stands for any text; alone it is all of a file.
 */
export interface AreaExpectations {
  /** A reason for a whole file, which then is not run and counts once, or for single tests of it. */
  readonly notApplicable?: Readonly<
    Record<string, NotApplicableReason | Readonly<Record<string, NotApplicableReason>>>
  >;
  /** By file and test: one line that says why it fails. */
  readonly failures?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Reason for not running the file at all. */
export function reasonOfFile(
  expectations: AreaExpectations,
  path: string,
): NotApplicableReason | undefined {
  const found = expectations.notApplicable?.[path];
  return typeof found === 'string' ? found : undefined;
}

/** An entry of the table that speaks of this test. */
export interface Match<Text extends string> {
  /** The test's name as the table has it. */
  readonly pattern: string;
  readonly text: Text;
}

export function matchNotApplicable(
  expectations: AreaExpectations,
  path: string,
  test: string,
): Match<NotApplicableReason> | undefined {
  const found = expectations.notApplicable?.[path];
  return typeof found === 'object' ? match(found, test) : undefined;
}

export function matchFailure(
  expectations: AreaExpectations,
  path: string,
  test: string,
): Match<string> | undefined {
  const found = expectations.failures?.[path];
  return found === undefined ? undefined : match(found, test);
}

/** Every entry about single tests of the file. */
export function patternsOf(expectations: AreaExpectations, path: string): string[] {
  const notApplicable = expectations.notApplicable?.[path];
  return [
    ...(typeof notApplicable === 'object' ? Object.keys(notApplicable) : []),
    ...Object.keys(expectations.failures?.[path] ?? {}),
  ];
}

function match<Text extends string>(
  table: Readonly<Record<string, Text>>,
  test: string,
): Match<Text> | undefined {
  for (const [pattern, text] of Object.entries(table)) {
    if (isMatch(pattern.split('*'), test)) return { pattern, text };
  }
  return undefined;
}

/** Whether the pieces follow each other in the text, from its start to its end. */
function isMatch([first = '', ...rest]: readonly string[], text: string): boolean {
  if (rest.length === 0) return first === text;
  if (!text.startsWith(first)) return false;
  const last = rest.at(-1) ?? '';
  let position = first.length;
  for (const piece of rest.slice(0, -1)) {
    const at = text.indexOf(piece, position);
    if (at < 0) return false;
    position = at + piece.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}
