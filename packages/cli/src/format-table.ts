/** Columns for people: a header line, cells padded with spaces, no borders. */
export function formatTable(header: readonly string[], rows: readonly string[][]): string {
  const lines = [header.map((name) => name.toUpperCase()), ...rows];
  const widths = header.map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  return lines
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A title and one indented line per field that has a value. */
export function formatFields(
  title: string,
  fields: Readonly<Record<string, string | null | undefined>>,
): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  const lines = Object.entries(fields)
    .filter(([, value]) => value != null && value !== '')
    .map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return [title, ...lines].join('\n');
}

/** A size for people: `812 B`, `60.3 KiB`, `1.2 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
