const levels: Readonly<Record<number, { name: string; color: number }>> = {
  10: { name: 'trace', color: 90 },
  20: { name: 'debug', color: 90 },
  30: { name: 'info', color: 32 },
  40: { name: 'warn', color: 33 },
  50: { name: 'error', color: 31 },
  60: { name: 'fatal', color: 31 },
};

const hidden: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'role', 'pid', 'err']);

/** One JSON log line for people; anything that is no such line comes back as it is. */
export function prettyLine(role: string, line: string, hasColors: boolean): string {
  const record = parse(line);
  if (record === undefined) return `${role} ${line}`;
  const level = levels[Number(record['level'])] ?? { name: 'info', color: 32 };
  const paint = (color: number, text: string): string =>
    hasColors ? `\u001B[${color}m${text}\u001B[0m` : text;
  const time = new Date(Number(record['time']) || 0).toISOString().slice(11, 23);
  const fields = Object.entries(record)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => paint(90, `${key}=${show(value)}`));
  const head = [paint(90, time), role, paint(level.color, level.name.padEnd(5)), record['msg']];
  return [...head, ...fields].join(' ') + showError(record['err']);
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    // A line that starts with a brace and parses is an object.
    return value as Record<string, unknown>;
  } catch {
    return undefined; // cut off, or somebody else's output
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function showError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const text = 'stack' in error ? error.stack : 'message' in error ? error.message : undefined;
  return typeof text === 'string' ? `\n    ${text.replaceAll('\n', '\n    ')}` : '';
}
