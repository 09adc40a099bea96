/** Flat headers with the length of a body that is known, instead of what the worker said of it. */
export function withContentLength(flat: string, bytes: number): string {
  const parts = flat === '' ? [] : flat.split('\n');
  let kept = '';
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const name = parts[index] ?? '';
    if (name.toLowerCase() !== 'content-length') kept += `${name}\n${parts[index + 1] ?? ''}\n`;
  }
  return `${kept}content-length\n${bytes}`;
}
