/** What a worker's response headers become on the wire, in the shape `writeHead` takes. */
export interface PreparedHeaders {
  /** name, value, name, value, …; without `content-length`. Shared: never changed. */
  readonly pairs: readonly string[];
  /** The length the worker says its body has. */
  readonly contentLength: number | undefined;
}

const dropped: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // The platform's own; a worker cannot speak for it.
  'x-request-id',
  'x-termination-reason',
]);

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Field values: tab, visible ASCII, and the upper half of Latin-1 (RFC 9110 §5.5).
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const maxCached = 256;
const maxCachedChars = 1024;

export interface ResponseHeaderFilterOptions {
  /** Cookies may not be set for this domain or a parent of it: sibling tenants would get them. */
  readonly baseDomain: string;
  readonly maxCount: number;
  readonly maxBytes: number;
}

/**
 * Checks and cleans the headers of workers' responses. A worker mostly answers with the same few
 * lists, so recent results are kept.
 */
export class ResponseHeaderFilter {
  readonly #options: ResponseHeaderFilterOptions;
  #recent = new Map<string, PreparedHeaders>();

  constructor(options: ResponseHeaderFilterOptions) {
    this.#options = options;
  }

  /** Undefined when the list cannot be sent: malformed, too many, or too long. */
  prepare(flat: string): PreparedHeaders | undefined {
    const known = this.#recent.get(flat);
    if (known !== undefined) return known;
    const prepared = this.#read(flat);
    if (prepared !== undefined && flat.length <= maxCachedChars) {
      if (this.#recent.size >= maxCached) this.#recent = new Map();
      this.#recent.set(flat, prepared);
    }
    return prepared;
  }

  #read(flat: string): PreparedHeaders | undefined {
    if (flat === '') return { pairs: [], contentLength: undefined };
    if (flat.length > this.#options.maxBytes) return undefined;
    const parts = flat.split('\n');
    if (parts.length % 2 !== 0 || parts.length / 2 > this.#options.maxCount) return undefined;
    const pairs: string[] = [];
    let contentLength: number | undefined;
    for (let index = 0; index < parts.length; index += 2) {
      const name = parts[index] ?? '';
      const value = parts[index + 1] ?? '';
      if (!token.test(name) || !fieldValue.test(value)) return undefined;
      const key = name.toLowerCase();
      if (key === 'content-length') contentLength = readLength(value);
      else if (key === 'set-cookie') pairs.push(name, this.#cookie(value));
      else if (!dropped.has(key)) pairs.push(name, value);
    }
    return { pairs, contentLength };
  }

  #cookie(value: string): string {
    const [pair = '', ...attributes] = value.split(';');
    const kept = attributes.filter((attribute) => !this.#reachesSiblings(attribute));
    return kept.length === attributes.length ? value : [pair, ...kept].join(';');
  }

  #reachesSiblings(attribute: string): boolean {
    const [name = '', ...rest] = attribute.split('=');
    if (name.trim().toLowerCase() !== 'domain') return false;
    const domain = rest.join('=').trim().toLowerCase().replace(/^\.+/, '').replace(/\.+$/, '');
    // Browsers decode escapes and fold Unicode before they compare; a plain name needs neither.
    if (!/^[a-z0-9._-]*$/.test(domain)) return true;
    const { baseDomain } = this.#options;
    return domain === baseDomain || baseDomain.endsWith(`.${domain}`);
  }
}

function readLength(value: string): number | undefined {
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
