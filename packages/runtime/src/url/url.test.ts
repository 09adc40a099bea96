import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostSyncOps } from '../boundary.ts';
import { connectHost } from '../dispatch/host.ts';
import { urlPart, urlText } from './testing/url-arbitrary.ts';
import { URL as OurUrl } from './url.ts';

/* Node's own URL is the oracle. fast-check prints the seed of a failing run. */
const runs = { numRuns: 10_000 };

const properties = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;

type Snapshot = Record<(typeof properties)[number], string> | 'invalid';

function snapshot(parse: () => URL | OurUrl): Snapshot {
  try {
    const url = parse();
    const entries = properties.map((name) => [name, url[name]]);
    // The keys are those of the list.
    return Object.fromEntries(entries) as Snapshot;
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return 'invalid';
  }
}

beforeAll(() => {
  connectHost({
    host: () => {},
    hostSync: (op, domain) =>
      op === hostSyncOps.domainToAscii && typeof domain === 'string' ? domainToASCII(domain) : '',
  });
});

describe('URL', () => {
  it('equals Node on any absolute URL', () => {
    fc.assert(
      fc.property(urlText, (text) => {
        expect(snapshot(() => new OurUrl(text))).toEqual(snapshot(() => new URL(text)));
      }),
      runs,
    );
  });

  it('equals Node on any reference and base', () => {
    fc.assert(
      fc.property(urlText, urlText, (text, base) => {
        expect(snapshot(() => new OurUrl(text, base))).toEqual(snapshot(() => new URL(text, base)));
      }),
      runs,
    );
  });

  it('equals Node after any assignment to a property', () => {
    fc.assert(
      fc.property(urlText, fc.constantFrom(...properties), urlPart, (text, name, value) => {
        fc.pre(name !== 'origin' && URL.canParse(text));
        function assign(url: URL | OurUrl): URL | OurUrl {
          Reflect.set(url, name, value);
          return url;
        }
        expect(snapshot(() => assign(new OurUrl(text)))).toEqual(
          snapshot(() => assign(new URL(text))),
        );
      }),
      runs,
    );
  });

  it('parses without throwing when asked to', () => {
    expect(OurUrl.parse('/b', 'https://a/')?.href).toBe('https://a/b');
    expect(OurUrl.parse('b')).toBeNull();
    expect(OurUrl.canParse('b', 'https://a/')).toBe(true);
    expect(OurUrl.canParse('b', 'nonsense')).toBe(false);
    expect(() => Reflect.construct(OurUrl, [])).toThrow(TypeError);
  });

  it('keeps the space before a query or fragment of an opaque path', () => {
    expect(new OurUrl('data:a  ?b').href).toBe('data:a %20?b');
    expect(new OurUrl('data:a #b').pathname).toBe('a%20');
    expect(new OurUrl('data:a ').pathname).toBe('a');
  });

  it('keeps query and searchParams the same', () => {
    const url = new OurUrl('https://a/?x=1#f');
    const params = url.searchParams;
    params.append('ü', ' &');
    expect(url.href).toBe('https://a/?x=1&%C3%BC=+%26#f');
    url.search = '?y=2';
    expect([...params.entries()]).toEqual([['y', '2']]);
    params.delete('y');
    expect(url.href).toBe('https://a/#f');
    url.href = 'https://b/?z=3';
    expect(url.searchParams).toBe(params);
    expect(params.get('z')).toBe('3');
  });
});
