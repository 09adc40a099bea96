export function isatty(): boolean {
  return false;
}
