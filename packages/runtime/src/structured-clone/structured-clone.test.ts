import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blob } from '../blob/blob.ts';
import { File } from '../blob/file.ts';
import { DOMException } from '../dom-exception/dom-exception.ts';
import { QuotaExceededError } from '../dom-exception/quota-exceeded-error.ts';
import { AbortController } from '../events/abort-controller.ts';
import { URL } from '../url/url.ts';
import { structuredClone as ourClone } from './structured-clone.ts';

const nodeClone = globalThis.structuredClone;

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
  maxDepth: 4,
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return 'nothing';
}

const dataCloneError = expect.objectContaining({ name: 'DataCloneError', code: 25 });

describe('structuredClone', () => {
  it('equals Node for any value', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(isDeepStrictEqual(ourClone(value), nodeClone(value))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps cycles and shared references', () => {
    const shared = { x: 1 };
    const value: Record<string, unknown> = {
      shared,
      list: [shared],
      map: new Map(),
      set: new Set(),
    };
    value['self'] = value;
    (value['map'] as Map<unknown, unknown>).set(value, shared);
    (value['set'] as Set<unknown>).add(value['map']);
    const clone = ourClone(value) as typeof value;
    expect(clone).not.toBe(value);
    expect(clone['self']).toBe(clone);
    expect((clone['list'] as unknown[])[0]).toBe(clone['shared']);
    expect((clone['map'] as Map<unknown, unknown>).get(clone)).toBe(clone['shared']);
    expect((clone['set'] as Set<unknown>).has(clone['map'])).toBe(true);
  });

  it('clones buffers once and views on them', () => {
    const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
    const views = [
      new Uint8Array(buffer, 1, 3),
      new DataView(buffer, 2),
      new Float64Array(buffer),
      new BigInt64Array(buffer),
      new Uint8ClampedArray(buffer, 4),
    ];
    const clone = ourClone({ buffer, views }) as { buffer: ArrayBuffer; views: typeof views };
    expect(clone.views).toEqual(views);
    expect(clone.views.every((view) => view.buffer === clone.buffer)).toBe(true);
    new Uint8Array(clone.buffer)[0] = 9;
    expect(new Uint8Array(buffer)[0]).toBe(1);
  });

  it('moves the buffers to transfer, after everything has been serialised', () => {
    const buffer = Uint8Array.of(1, 2, 3).buffer;
    const view = new Uint8Array(buffer, 1);
    const clone = ourClone([view, buffer], { transfer: [buffer] }) as [Uint8Array, ArrayBuffer];
    expect([buffer.byteLength, view.length]).toEqual([0, 0]);
    expect(clone[0]).toEqual(Uint8Array.of(2, 3));
    expect(clone[0].buffer).toBe(clone[1]);

    const kept = new ArrayBuffer(4);
    expect(() => ourClone([() => {}], { transfer: [kept] })).toThrow(dataCloneError);
    expect(kept.byteLength).toBe(4);
    for (const transfer of [[kept, kept], [buffer], [{}], [view]]) {
      expect(() => ourClone(null, { transfer })).toThrow(dataCloneError);
    }
    for (const transfer of [1, {}, [1]]) {
      expect(() => ourClone(null, { transfer })).toThrow(TypeError);
    }
    expect(() => ourClone(view)).toThrow(dataCloneError);
  });

  it('clones errors with name, message, stack and cause', () => {
    for (const error of [
      new RangeError('m', { cause: { a: 1 } }),
      new Error(),
      new EvalError(''),
    ]) {
      const clone = ourClone(error) as Error;
      const expected = nodeClone(error);
      expect(Object.getPrototypeOf(clone)).toBe(Object.getPrototypeOf(expected));
      expect(Object.getOwnPropertyNames(clone).toSorted()).toEqual(
        Object.getOwnPropertyNames(expected).toSorted(),
      );
      expect([clone.stack, clone.message, clone.cause]).toEqual([
        expected.stack,
        expected.message,
        expected.cause,
      ]);
    }
    class Custom extends TypeError {
      override name = 'Custom';
      extra = 1;
    }
    const clone = ourClone(new Custom('m')) as Error;
    expect(clone.constructor).toBe(Error);
    expect(Object.keys(clone)).toEqual([]);
  });

  it('clones the runtime’s own serialisable objects', async () => {
    const file = ourClone(new File(['ab'], 'n', { type: 't/p', lastModified: 5 }));
    expect(file).toBeInstanceOf(File);
    expect(file).toMatchObject({ name: 'n', type: 't/p', lastModified: 5, size: 2 });
    const blob = ourClone({ blob: new Blob(['xyz']).slice(1) }) as { blob: Blob };
    expect(await blob.blob.text()).toBe('yz');
    const exception = new DOMException('m', 'AbortError');
    expect(ourClone(exception)).toMatchObject({ message: 'm', code: 20, stack: exception.stack });
    const quota = ourClone(new QuotaExceededError('full', { quota: 3 }));
    expect(quota).toBeInstanceOf(QuotaExceededError);
    expect(quota).toMatchObject({ quota: 3, requested: null });
    class Named extends Blob {
      own = 1;
    }
    expect(Object.keys(ourClone(new Named()) as object)).toEqual([]);
  });

  it('refuses functions, symbols and objects that hold more than properties', () => {
    const refused = [
      () => {},
      Symbol('s'),
      new WeakMap(),
      new WeakSet(),
      new WeakRef({}),
      Promise.resolve(),
      new URL('http://a/'),
      new AbortController().signal,
      globalThis,
    ];
    for (const value of refused) {
      expect(thrownBy(() => ourClone(value))).toEqual(dataCloneError);
      expect(thrownBy(() => ourClone({ deep: [value] }))).toEqual(dataCloneError);
    }
    expect(() => Reflect.apply(ourClone, undefined, [])).toThrow(TypeError);
  });

  it('takes own enumerable properties only, through their getters', () => {
    class Point {
      x = 1;
      get y(): number {
        return 2;
      }
    }
    const value = Object.defineProperty(new Point(), 'hidden', { value: 3, enumerable: false });
    expect(ourClone(value)).toEqual({ x: 1 });
    const removing = {
      get first(): number {
        Reflect.deleteProperty(removing, 'second');
        return 1;
      },
      second: 2,
      [Symbol('s')]: 3,
    };
    expect(ourClone(removing)).toEqual({ first: 1 });
    const pattern = Object.assign(/a+/giu, { lastIndex: 3, own: 1 });
    expect(ourClone(pattern)).toEqual(/a+/giu);
    const odd = JSON.parse('{"__proto__": {"a": 1}, "toString": 2}') as object;
    expect(Object.entries(ourClone(odd) as object)).toEqual(Object.entries(odd));
  });

  it('ends at the depth of the stack with a RangeError', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i += 1) deep = [deep];
    expect(() => ourClone(deep)).toThrow(RangeError);
  });
});
