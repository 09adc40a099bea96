import {
  StringPrototypeCharAt,
  StringPrototypeStartsWith,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
} from '../primordials.ts';

/** https://url.spec.whatwg.org/#concept-url, with host and path in their serialised form. */
export class UrlRecord {
  scheme: string;
  /** Whether the scheme is special: a change of scheme never changes that. */
  readonly isSpecial: boolean;
  username = '';
  password = '';
  host: string | null = null;
  /** Null for the scheme's default port, too. */
  port: number | null = null;
  /** Each segment after a slash, or one opaque text. */
  path = '';
  hasOpaquePath = false;
  query: string | null = null;
  fragment: string | null = null;

  constructor(scheme: string) {
    this.scheme = scheme;
    this.isSpecial = isSpecialScheme(scheme);
  }
}

/** Default port of a special scheme; null for `file`, undefined for a scheme that is not special. */
export function defaultPort(scheme: string): number | null | undefined {
  switch (scheme) {
    case 'http':
    case 'ws':
      return 80;
    case 'https':
    case 'wss':
      return 443;
    case 'ftp':
      return 21;
    case 'file':
      return null;
    default:
      return undefined;
  }
}

export function isSpecialScheme(scheme: string): boolean {
  return defaultPort(scheme) !== undefined;
}

/** https://url.spec.whatwg.org/#concept-url-serializer */
export function serializeUrl(url: UrlRecord): string {
  return url.fragment === null
    ? serializeWithoutFragment(url)
    : `${serializeWithoutFragment(url)}#${url.fragment}`;
}

/** The serialised URL up to its fragment. */
export function serializeWithoutFragment(url: UrlRecord): string {
  let text = `${url.scheme}:`;
  if (url.host !== null) text += `//${serializeCredentials(url)}${serializeHost(url)}`;
  // Without it, the path's empty first segment would be read as an authority.
  else if (!url.hasOpaquePath && StringPrototypeStartsWith(url.path, '//')) text += '/.';
  text += url.path;
  return url.query === null ? text : `${text}?${url.query}`;
}

function serializeCredentials({ username, password }: UrlRecord): string {
  if (username === '' && password === '') return '';
  return password === '' ? `${username}@` : `${username}:${password}@`;
}

/** Host and port. */
export function serializeHost({ host, port }: UrlRecord): string {
  if (host === null) return '';
  return port === null ? host : `${host}:${port}`;
}

/** https://url.spec.whatwg.org/#cannot-have-a-username-password-port */
export function cannotHaveCredentialsOrPort(url: UrlRecord): boolean {
  return url.host === null || url.host === '' || url.scheme === 'file';
}

/** Removes the last segment, but not the drive of a file URL. */
export function shortenPath(url: UrlRecord): void {
  const last = StringPrototypeLastIndexOf(url.path, '/');
  if (last === -1) return;
  if (last === 0 && url.scheme === 'file' && isNormalizedDrive(url.path, 1, url.path.length))
    return;
  url.path = StringPrototypeSlice(url.path, 0, last);
}

/** The first segment with its slash, if it is a drive such as `/C:`. */
export function driveOf(path: string): string | undefined {
  const slash = StringPrototypeIndexOf(path, '/', 1);
  const end = slash === -1 ? path.length : slash;
  return isNormalizedDrive(path, 1, end) ? StringPrototypeSlice(path, 0, end) : undefined;
}

function isNormalizedDrive(text: string, start: number, end: number): boolean {
  return isDrive(text, start, end) && StringPrototypeCharAt(text, start + 1) === ':';
}

/** Whether the part is a Windows drive letter: `C:` or `C|`. */
export function isDrive(text: string, start: number, end: number): boolean {
  if (end - start !== 2) return false;
  const second = StringPrototypeCharAt(text, start + 1);
  return isAlpha(StringPrototypeCharCodeAt(text, start)) && (second === ':' || second === '|');
}

export function isAlpha(codeUnit: number): boolean {
  const lower = codeUnit | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
