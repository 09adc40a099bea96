/* oxlint-disable typescript/unbound-method -- methods are called with other receivers */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { URLSearchParams as OurParams } from './url-search-params.ts';
import { parseUrlencodedBytes } from './urlencoded.ts';

const runs = { numRuns: 10_000 };

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'b',
    'a b',
    '+',
    '%',
    '%41',
    '%zz',
    '%C3%BC',
    '%c3',
    '&',
    '=',
    '?a',
    'ü',
  ),
  fc.constantFrom('🍕', '\ud800', '\udc00', '\ufeff', "*-._~!()'", '\u0000', 'a%2Bb', '%2526'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const query = fc
  .array(fc.oneof(text, fc.constantFrom('&', '=', '&&', 'a=b')), { maxLength: 8 })
  .map((parts) => parts.join(''));
const pairs = fc.array(fc.tuple(text, text), { maxLength: 5 });

interface Step {
  readonly method: 'append' | 'delete' | 'get' | 'getAll' | 'has' | 'set' | 'sort';
  readonly args: readonly string[];
}
const step: fc.Arbitrary<Step> = fc.record({
  method: fc.constantFrom('append', 'delete', 'get', 'getAll', 'has', 'set', 'sort'),
  args: fc.oneof(fc.tuple(text, text), fc.tuple(text)),
});

type AnyParams = OurParams | URLSearchParams;

/** Everything that can be seen of the parameters after each step. */
function play(params: AnyParams, steps: readonly Step[]): unknown[] {
  const seen: unknown[] = [[...params.entries()], params.toString()];
  for (const { method, args } of steps) {
    const isComplete = args.length === 2 || (method !== 'append' && method !== 'set');
    const call: unknown = Reflect.get(params, method);
    if (!isComplete || typeof call !== 'function') continue;
    seen.push(Reflect.apply(call, params, args), [...params.entries()], params.size);
  }
  return seen;
}

describe('URLSearchParams', () => {
  it('equals Node for any query and any changes', () => {
    // Node gets it in ASCII: it takes characters beside a malformed `%` for bytes.
    fc.assert(
      fc.property(query, fc.array(step, { maxLength: 5 }), (init, steps) => {
        const ascii = init.toWellFormed().replaceAll(/\P{ASCII}/gu, encodeURIComponent);
        expect(play(new OurParams(init), steps)).toEqual(play(new URLSearchParams(ascii), steps));
      }),
      runs,
    );
  });

  it('equals Node for sequences and records', () => {
    fc.assert(
      fc.property(pairs, (init) => {
        expect(play(new OurParams(init), [])).toEqual(play(new URLSearchParams(init), []));
        const record = Object.fromEntries(init);
        expect(play(new OurParams(record), [])).toEqual(play(new URLSearchParams(record), []));
      }),
      runs,
    );
  });

  it('reads bytes like the text they are in UTF-8', () => {
    const bytes = fc.array(
      fc.oneof(fc.constantFrom(0x25, 0x43, 0x33, 0x42, 0x46, 0x26, 0x3d), fc.nat(255)),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(bytes, (body) => {
        // Node has no parser of bytes: the bytes above ASCII are percent-encoded for it.
        const ascii = body.map((byte) =>
          byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16)}`,
        );
        const parsed = parseUrlencodedBytes(Uint8Array.from(body), body.length);
        expect(Array.from(parsed)).toEqual([...new URLSearchParams(`&${ascii.join('')}`)]);
      }),
      runs,
    );
  });

  it('lets iteration see changes', () => {
    const params = new OurParams('a=1&b=2&c=3');
    const seen: unknown[] = [];
    for (const name of params.keys()) {
      seen.push(name);
      params.delete(String(name));
    }
    expect(seen).toEqual(['a', 'c']);
    expect(params.toString()).toBe('b=2');
  });

  it('refuses what is not a list of pairs', () => {
    for (const init of [[['a']], [['a', 'b', 'c']], [1], { [Symbol.iterator]: 1 }]) {
      expect(() => new OurParams(init)).toThrow(TypeError);
    }
    expect(new OurParams(null).toString()).toBe('null=');
    expect(new OurParams(undefined).toString()).toBe('');
    const { append, keys } = OurParams.prototype;
    expect(() => Reflect.apply(append, new OurParams(), ['a'])).toThrow(TypeError);
    expect(() => Reflect.apply(keys, {}, [])).toThrow(TypeError);
  });

  it('has the shape WebIDL asks for', () => {
    const names = Object.keys(OurParams.prototype).toSorted();
    expect(names).toEqual(Object.keys(URLSearchParams.prototype).toSorted());
    const { entries } = OurParams.prototype;
    expect(OurParams.length).toBe(0);
    expect(Object.prototype.toString.call(new OurParams())).toBe('[object URLSearchParams]');
    const iterator: object = new OurParams().entries();
    expect(Object.prototype.toString.call(iterator)).toBe('[object URLSearchParams Iterator]');
    expect(Reflect.get(OurParams.prototype, Symbol.iterator)).toBe(entries);
  });
});
