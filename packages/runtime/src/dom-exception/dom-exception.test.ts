import { describe, expect, it } from 'vitest';
import { DOMException as OurException } from './dom-exception.ts';
import { QuotaExceededError as OurQuotaError } from './quota-exceeded-error.ts';

/** Every own property that a worker can see, with its attributes but not its functions. */
function shapeOf(value: object): unknown[] {
  return Object.getOwnPropertyNames(value)
    .map((name) => {
      const descriptor = Object.getOwnPropertyDescriptor(value, name);
      const { get, set, value: held } = { get: undefined, set: undefined, ...descriptor };
      const kind = get === undefined && set === undefined ? typeof held : 'accessor';
      const constant: unknown = typeof held === 'number' ? held : undefined;
      return [name, kind, constant, descriptor?.enumerable, descriptor?.configurable];
    })
    .toSorted((a, b) => String(a[0]).localeCompare(String(b[0])));
}

describe('DOMException', () => {
  it('has the properties of the standard', () => {
    expect(shapeOf(OurException.prototype)).toEqual(shapeOf(DOMException.prototype));
    expect(shapeOf(OurException)).toEqual(shapeOf(DOMException));
    expect(Object.getOwnPropertyNames(new OurException('a', 'b'))).toEqual(['stack']);
    expect(Object.prototype.toString.call(new OurException())).toBe('[object DOMException]');
  });

  it('has the code that belongs to its name', () => {
    const names = Object.keys(DOMException)
      .map((constant) => constant.replace(/_ERR$/, '').toLowerCase().split('_'))
      .map((words) => `${words.map((w) => w.replace(/^./, (c) => c.toUpperCase())).join('')}Error`);
    for (const name of [
      ...names,
      'URLMismatchError',
      '',
      'Error',
      'EncodingError',
      'InUseAttributeError',
    ]) {
      const exception = new OurException('m', name);
      expect([name, exception.code]).toEqual([name, new DOMException('m', name).code]);
      expect(exception.name).toBe(name);
    }
  });

  it('is an error with a stack that begins with name and message', () => {
    const exception = new OurException('too late', 'TimeoutError');
    expect(exception).toBeInstanceOf(Error);
    expect(String(exception)).toBe('TimeoutError: too late');
    expect(exception.stack).toMatch(/^TimeoutError: too late\n +at .*dom-exception\.test/);
  });

  it('takes undefined for the defaults and converts the rest', () => {
    const exception = new OurException(undefined, undefined);
    expect([exception.message, exception.name, exception.code]).toEqual(['', 'Error', 0]);
    expect(new OurException(null, 5).toString()).toBe('5: null');
    expect(() => new OurException(Symbol('s'))).toThrow(TypeError);
  });

  it('refuses to read the prototype as an exception', () => {
    expect(() => OurException.prototype.code).toThrow(TypeError);
  });
});

describe('QuotaExceededError', () => {
  it('knows quota and request', () => {
    const error = new OurQuotaError('full', { quota: 1, requested: 2 });
    expect([error.name, error.code, error.message, error.quota, error.requested]).toEqual([
      'QuotaExceededError',
      22,
      'full',
      1,
      2,
    ]);
    expect(error).toBeInstanceOf(OurException);
    expect(new OurQuotaError().quota).toBeNull();
    for (const options of [{ quota: -1 }, { requested: -1 }, { quota: 3, requested: 2 }]) {
      expect(() => new OurQuotaError('', options)).toThrow(RangeError);
    }
    expect(() => new OurQuotaError('', { quota: NaN })).toThrow(TypeError);
  });
});
