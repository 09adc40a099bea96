/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { requireArguments, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { parseUrl } from './url-parser.ts';
import { defaultPort, serializeHost, serializeUrl, UrlRecord } from './url-record.ts';
import { onQueryChanged, replaceParameters, URLSearchParams } from './url-search-params.ts';
import {
  changePort,
  setHash,
  setHost,
  setHostname,
  setPassword,
  setPathname,
  setProtocol,
  setSearch,
  setUsername,
} from './url-setters.ts';

/** https://url.spec.whatwg.org/#url-class */
export class URL {
  #url: UrlRecord;
  /** The serialised URL until something changes. */
  #href: string | undefined;
  #searchParams: URLSearchParams | undefined;

  /** @param url The runtime's own records are taken over, anything else is converted to a string. */
  constructor(url: unknown, base: unknown = undefined) {
    if (url instanceof UrlRecord) this.#url = url;
    else {
      requireArguments(arguments.length, 1, 'URL constructor');
      const record = parseArguments(url, base);
      if (record === undefined) throw new TypeError('Invalid URL');
      this.#url = record;
    }
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, 'URL.parse');
    const record = parseArguments(url, base);
    return record === undefined ? null : new URL(record);
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, 'URL.canParse');
    return parseArguments(url, base) !== undefined;
  }

  get href(): string {
    return this.#serialize();
  }

  set href(value: unknown) {
    const record = parseUrl(toUsvString(value), undefined);
    if (record === undefined) throw new TypeError('Invalid URL');
    this.#url = record;
    this.#changed();
    this.#refreshSearchParams();
  }

  get origin(): string {
    return serializeOrigin(this.#url);
  }

  get protocol(): string {
    return `${this.#url.scheme}:`;
  }

  set protocol(value: unknown) {
    setProtocol(this.#url, toUsvString(value));
    this.#changed();
  }

  get username(): string {
    return this.#url.username;
  }

  set username(value: unknown) {
    setUsername(this.#url, toUsvString(value));
    this.#changed();
  }

  get password(): string {
    return this.#url.password;
  }

  set password(value: unknown) {
    setPassword(this.#url, toUsvString(value));
    this.#changed();
  }

  get host(): string {
    return serializeHost(this.#url);
  }

  set host(value: unknown) {
    setHost(this.#url, toUsvString(value));
    this.#changed();
  }

  get hostname(): string {
    return this.#url.host ?? '';
  }

  set hostname(value: unknown) {
    setHostname(this.#url, toUsvString(value));
    this.#changed();
  }

  get port(): string {
    return this.#url.port === null ? '' : `${this.#url.port}`;
  }

  set port(value: unknown) {
    changePort(this.#url, toUsvString(value));
    this.#changed();
  }

  get pathname(): string {
    return this.#url.path;
  }

  set pathname(value: unknown) {
    setPathname(this.#url, toUsvString(value));
    this.#changed();
  }

  get search(): string {
    const { query } = this.#url;
    return query === null || query === '' ? '' : `?${query}`;
  }

  set search(value: unknown) {
    setSearch(this.#url, toUsvString(value));
    this.#changed();
    this.#refreshSearchParams();
  }

  get searchParams(): URLSearchParams {
    if (this.#searchParams === undefined) {
      const params = new URLSearchParams();
      replaceParameters(params, this.#url.query ?? '');
      onQueryChanged(params, (query) => {
        this.#url.query = query;
        this.#changed();
      });
      this.#searchParams = params;
    }
    return this.#searchParams;
  }

  get hash(): string {
    const { fragment } = this.#url;
    return fragment === null || fragment === '' ? '' : `#${fragment}`;
  }

  set hash(value: unknown) {
    setHash(this.#url, toUsvString(value));
    this.#changed();
  }

  toJSON(): string {
    return this.#serialize();
  }

  toString(): string {
    return this.#serialize();
  }

  #serialize(): string {
    this.#href ??= serializeUrl(this.#url);
    return this.#href;
  }

  #changed(): void {
    this.#href = undefined;
  }

  #refreshSearchParams(): void {
    if (this.#searchParams !== undefined) {
      replaceParameters(this.#searchParams, this.#url.query ?? '');
    }
  }

  static {
    defineInterface(this, 'URL');
  }
}

function parseArguments(url: unknown, base: unknown): UrlRecord | undefined {
  const input = toUsvString(url);
  if (base === undefined) return parseUrl(input, undefined);
  const baseText = toUsvString(base);
  const baseRecord = parseUrl(baseText, undefined);
  return baseRecord === undefined ? undefined : parseUrl(input, baseRecord);
}

/** https://url.spec.whatwg.org/#concept-url-origin, serialised. */
function serializeOrigin(url: UrlRecord): string {
  if (url.scheme === 'blob') {
    const inner = parseUrl(url.path, undefined);
    const isWeb = inner?.scheme === 'http' || inner?.scheme === 'https';
    return inner !== undefined && isWeb ? serializeOrigin(inner) : 'null';
  }
  // `file` has no port, other schemes without a default are not special.
  if (typeof defaultPort(url.scheme) !== 'number') return 'null';
  return `${url.scheme}://${serializeHost(url)}`;
}
