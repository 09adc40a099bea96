/** A place in a worker's sources; line and column start at 1, columns count UTF-16 units. */
export interface SourcePosition {
  /** Relative to the folder the user works in. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly lineText: string;
}

const widthLimit = 100;

/** Shows the line with a mark below the column: where the author has to look. */
export function codeFrame(position: SourcePosition): string {
  const start = Math.max(0, position.column - widthLimit / 2);
  const text = position.lineText.slice(start, start + widthLimit);
  const before = text.slice(0, position.column - 1 - start).replaceAll(/[^\t]/g, ' ');
  const gutter = ' '.repeat(String(position.line).length);
  return [`  ${position.line} │ ${text}`, `  ${gutter} ╵ ${before}^`].join('\n');
}

/** `file:line:column`, as editors and terminals understand it. */
export function formatPosition(position: Omit<SourcePosition, 'lineText'>): string {
  return `${position.file}:${position.line}:${position.column}`;
}
