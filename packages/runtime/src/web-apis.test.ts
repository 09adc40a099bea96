import { describe, expect, it } from 'vitest';
import { evaluateInIsolate } from './testing/isolate-driver.ts';

describe('the Web APIs in an isolate', () => {
  it('are there, by the names and descriptions of the standard', async () => {
    const described = await evaluateInIsolate(`
      const names = ['AbortController', 'AbortSignal', 'Blob', 'Crypto', 'CustomEvent', 'DOMException',
        'ErrorEvent', 'Event', 'EventTarget', 'File', 'FormData', 'Navigator', 'Performance',
        'QuotaExceededError', 'SubtleCrypto', 'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams',
        'atob', 'btoa', 'crypto', 'navigator', 'performance', 'structuredClone'];
      return names.filter((name) => {
        const { enumerable } = Object.getOwnPropertyDescriptor(globalThis, name);
        const value = globalThis[name];
        const isClass = /^[A-Z]/.test(name);
        if (enumerable === isClass) return true;
        if (typeof value === 'function' && value.name !== name) return true;
        const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
        return !descriptor.writable || !descriptor.configurable || descriptor.value !== value;
      });
    `);
    expect(described).toEqual([]);
  });
});
