import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atob as ourAtob, btoa as ourBtoa } from './base64.ts';

/** The result, or the name of what is thrown. */
function outcome(run: () => string): string {
  try {
    return `ok ${run()}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'not an error';
  }
}

const runs = { numRuns: 10_000 };

describe('atob and btoa', () => {
  it('decode or refuse any text like Node', () => {
    const piece = fc.constantFrom(...'AZaz09+/==-_ \t\n\f\r\u000b\u00a0é'.split(''), 'QUJD', '=');
    const text = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (data) => {
        expect(outcome(() => ourAtob(data))).toBe(outcome(() => atob(data)));
      }),
      runs,
    );
  });

  it('encode or refuse any text like Node', () => {
    const unit = fc.oneof(
      { weight: 20, arbitrary: fc.nat(0xff) },
      { weight: 1, arbitrary: fc.nat(0xffff) },
    );
    const text = fc.string({ unit: unit.map((code) => String.fromCharCode(code)), maxLength: 20 });
    fc.assert(
      fc.property(text, (data) => {
        expect(outcome(() => ourBtoa(data))).toBe(outcome(() => btoa(data)));
      }),
      runs,
    );
  });

  it('convert their argument to a string', () => {
    expect([ourBtoa(null), ourBtoa(undefined), ourBtoa(12)]).toEqual([
      'bnVsbA==',
      'dW5kZWZpbmVk',
      'MTI=',
    ]);
    expect(ourAtob(12)).toBe(atob('12'));
    expect(() => Reflect.apply(ourAtob, undefined, [])).toThrow(TypeError);
  });
});
