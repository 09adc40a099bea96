const maxPathChars = 1024;

/** The path of an absolute URL, cut at 1 024 characters. */
export function pathOfUrl(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start < 0) return '/';
  const end = url.slice(start).search(/[?#]/);
  return url.slice(start, end < 0 ? undefined : start + end).slice(0, maxPathChars);
}
