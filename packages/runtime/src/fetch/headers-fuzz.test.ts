import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flattenHeaders } from '../boundary.ts';
import { HeaderList } from './header-list.ts';
import { Headers as OurHeaders } from './headers.ts';

/* Node's own Headers are the oracle. fast-check prints the seed of a failing run. */
const runs = { numRuns: 10_000 };

const name = fc.oneof(
  fc.constantFrom('a', 'A', 'x-b', 'X-B', 'set-cookie', 'Set-Cookie', 'content-type', 'host'),
  fc.constantFrom(
    '',
    ' a',
    'a ',
    'a:',
    'a\n',
    'ü',
    'a\0',
    '__proto__',
    '0',
    '"',
    "!#$%&'*+-.^_`|~",
  ),
  fc.string({ maxLength: 3 }),
);
const value = fc.oneof(
  fc.constantFrom(
    '1',
    ' 1\t',
    '\r\n 1 \r\n',
    '',
    ' ',
    'a\nb',
    'a\0',
    'ü',
    '\xff',
    '\u0100',
    '\x7f',
  ),
  fc.string({ unit: fc.integer({ min: 0, max: 0x120 }).map(String.fromCharCode), maxLength: 4 }),
);
type Step = readonly [
  method: 'append' | 'delete' | 'get' | 'has' | 'set',
  name: string,
  value: string,
];
const step = fc.tuple(
  fc.constantFrom('append', 'append', 'set', 'delete', 'get', 'has'),
  name,
  value,
) as fc.Arbitrary<Step>;

/** What one call answers, or the kind of error it throws. */
function play(headers: Headers | OurHeaders, [method, key, text]: Step): unknown {
  try {
    if (method === 'append' || method === 'set') return headers[method](key, text) ?? 'done';
    return headers[method](key) ?? 'nothing';
  } catch (error) {
    return error instanceof TypeError ? 'TypeError' : error;
  }
}

test('any sequence of changes leaves what it leaves in Node', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const ours = new OurHeaders();
      const theirs = new Headers();
      expect(steps.map((call) => play(ours, call))).toEqual(
        steps.map((call) => play(theirs, call)),
      );
      expect([...ours.entries()]).toEqual([...theirs.entries()]);
      expect(ours.getSetCookie()).toEqual(theirs.getSetCookie());
    }),
    runs,
  );
});

test('any headers of a request are read as they were written', () => {
  const pair = fc.tuple(
    fc.stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,4}$/),
    fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map(String.fromCharCode) }),
  );
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 8 }), (pairs) => {
      const list = new HeaderList(flattenHeaders(pairs), true);
      const expected = new Map<string, string[]>();
      for (const [key, text] of pairs) expected.set(key, [...(expected.get(key) ?? []), text]);
      for (const [key, texts] of expected) expect(list.get(key)).toBe(texts.join(', '));
      expect(list.sorted().length).toBeLessThanOrEqual(pairs.length);
    }),
    runs,
  );
});
