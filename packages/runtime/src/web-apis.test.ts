import { describe, expect, it } from 'vitest';
import { evaluateInIsolate } from './testing/isolate-driver.ts';

describe('the Web APIs in an isolate', () => {
  it('are there, by the names and descriptions of the standard', async () => {
    const described = await evaluateInIsolate(`
      const names = ['AbortController', 'AbortSignal', 'Blob', 'Crypto', 'CustomEvent', 'DOMException',
        'CloseEvent', 'CompressionStream', 'DecompressionStream', 'ErrorEvent', 'Event', 'EventTarget', 'File', 'FileReader', 'FormData', 'MessageChannel', 'MessageEvent', 'MessagePort', 'Navigator', 'Performance', 'ProgressEvent', 'PromiseRejectionEvent', 'URLPattern', 'EventSource', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure',
        'QuotaExceededError', 'SubtleCrypto', 'TextDecoder', 'TextDecoderStream', 'TextEncoder', 'TextEncoderStream', 'URL', 'URLSearchParams',
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

  it('are all of the Minimum Common Web API', async () => {
    const missing = await evaluateInIsolate(`
      const names = ['AbortController', 'AbortSignal', 'Blob', 'ByteLengthQueuingStrategy', 'CompressionStream',
        'CountQueuingStrategy', 'Crypto', 'CryptoKey', 'CustomEvent', 'DecompressionStream', 'DOMException', 'ErrorEvent',
        'Event', 'EventTarget', 'File', 'FormData', 'Headers', 'MessageChannel', 'MessageEvent', 'MessagePort',
        'PromiseRejectionEvent', 'ReadableByteStreamController', 'ReadableStream', 'ReadableStreamBYOBReader',
        'ReadableStreamBYOBRequest', 'ReadableStreamDefaultController', 'ReadableStreamDefaultReader', 'Request', 'Response',
        'SubtleCrypto', 'TextDecoder', 'TextDecoderStream', 'TextEncoder', 'TextEncoderStream', 'TransformStream',
        'TransformStreamDefaultController', 'URL', 'URLPattern', 'URLSearchParams', 'WebAssembly', 'WritableStream',
        'WritableStreamDefaultController', 'WritableStreamDefaultWriter', 'atob', 'btoa', 'console', 'crypto', 'fetch',
        'navigator', 'onerror', 'onrejectionhandled', 'onunhandledrejection', 'performance', 'queueMicrotask', 'reportError',
        'self', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'structuredClone'];
      const wasm = ['Global', 'Instance', 'Memory', 'Module', 'Table', 'compile', 'compileStreaming', 'instantiate',
        'instantiateStreaming', 'validate'];
      return [...names.filter((name) => !(name in globalThis)), ...wasm.filter((name) => !(name in WebAssembly)),
        ...['now', 'timeOrigin'].filter((name) => !(name in performance)), typeof navigator.userAgent];
    `);
    expect(missing).toEqual(['string']);
  });

  it('look like ordinary properties before they are read, and stay what a worker made of them', async () => {
    const described = await evaluateInIsolate(`
      URLSearchParams = 'mine';
      delete globalThis.CustomEvent;
      const names = ['URL', 'URLSearchParams', 'Event', 'CustomEvent', 'TextDecoder', 'atob', 'none'];
      const ask = [Object.getOwnPropertyDescriptor, Reflect.getOwnPropertyDescriptor];
      return names.map((name, i) => {
        const descriptor = ask[i % 2](globalThis, name);
        return descriptor === undefined ? 'none' : descriptor.get ? 'getter' : typeof descriptor.value;
      }).concat(ask[0].name, ask[1].length);
    `);
    expect(described).toEqual([
      'function',
      'string',
      'function',
      'none',
      'function',
      'function',
      'none',
      'getOwnPropertyDescriptor',
      2,
    ]);
  });

  it('have interface objects that count required parameters, and refuse to be constructed', async () => {
    const results = await evaluateInIsolate(`
      const illegal = [AbortSignal, Crypto, Navigator, Performance, SubtleCrypto];
      return illegal.map((type) => {
        try { return new type(); } catch (error) { return type.length + ' ' + error.name; }
      }).concat([URL.length, TextDecoder.length, File.length, Event.length, DOMException.length]);
    `);
    expect(results).toEqual([...Array.from({ length: 5 }, () => '0 TypeError'), 1, 0, 2, 1, 0]);
  });

  it('reach the host for what they do not know themselves', async () => {
    const results = await evaluateInIsolate(`
      const hex = (buffer) => new Uint8Array(buffer).toHex();
      return {
        host: new URL('https://MÜNCHEN.de/ü?ü').href,
        invalid: URL.canParse('https://xn--ü/'),
        text: new TextDecoder('shift_jis').decode(Uint8Array.of(0x93, 0xfa, 0x96, 0x7b)),
        digest: hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))),
        uuid: crypto.randomUUID().length,
        random: new Set(crypto.getRandomValues(new Uint8Array(5000))).size,
      };
    `);
    expect(results).toEqual({
      host: 'https://xn--mnchen-3ya.de/%C3%BC?%C3%BC',
      invalid: false,
      text: '日本',
      digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      uuid: 36,
      random: 256,
    });
  });

  it('throw exceptions with a stack that begins with name and message', async () => {
    const stacks = await evaluateInIsolate(`
      const errors = [() => atob('*'), () => structuredClone(() => {}), () => new URL('x'),
        () => AbortSignal.abort().throwIfAborted(),
        () => crypto.getRandomValues(new Uint8Array(70000))];
      return errors.map((run) => {
        try { run(); } catch (error) { return error.stack.split('\\n').slice(0, 1)[0]; }
      });
    `);
    expect(stacks).toEqual([
      'InvalidCharacterError: atob: the string is not valid base64',
      'DataCloneError: () => {} could not be cloned.',
      'TypeError: Invalid URL',
      'AbortError: This operation was aborted',
      'QuotaExceededError: 70000 bytes are more than 65536',
    ]);
  });

  it('work together', async () => {
    const results = await evaluateInIsolate(`
      const form = new FormData();
      form.set('name', 'ü');
      form.set('file', new File(['content'], 'a.txt', { type: 'text/plain' }));
      const read = await new Response(form).formData();
      const file = structuredClone(read.get('file'));
      const signal = AbortSignal.any([AbortSignal.timeout(5), new AbortController().signal]);
      const reason = await new Promise((resolve) => {
        signal.onabort = (event) => resolve(event.target.reason.name + ' ' + event.isTrusted);
      });
      const target = new EventTarget();
      let heard = 0;
      target.addEventListener('x', () => { heard += 1; });
      target.dispatchEvent(new CustomEvent('x'));
      const { buffer } = structuredClone(Uint8Array.of(1, 2), {});
      return [read.get('name'), file.name, await file.text(), reason, heard, buffer.byteLength,
        await new Response(new URLSearchParams({ a: 'b c' })).text(), btoa('ÿ'), navigator.userAgent,
        Number.isInteger(performance.now()), performance instanceof EventTarget];
    `);
    // prettier-ignore -- in the order above
    expect(results).toEqual([
      'ü',
      'a.txt',
      'content',
      'TimeoutError true',
      1,
      2,
      'a=b+c',
      '/w==',
      'OpenWorkers',
      true,
      true,
    ]);
  });

  it('keep working when the worker has replaced what it can', async () => {
    const results = await evaluateInIsolate(`
      const { defineProperty: define, deleteProperty, ownKeys } = Reflect;
      const fail = () => { throw new Error('patched'); };
      const keys = ['get', 'value', 'then', 'type', 'signal', '0', 'quota', 'lastModified'];
      const { prototype } = Object;
      const { iterator } = Symbol;
      const patched = [String, Map, Set, RegExp, Uint8Array, Promise, Date, Array];
      for (const key of keys) {
        define(prototype, key, { __proto__: null, get: fail, set: fail, configurable: true });
      }
      for (let i = 0; i < patched.length; i += 1) {
        const target = patched[i].prototype;
        const names = ownKeys(target);
        for (let j = 0; j < names.length; j += 1) {
          // WebIDL iterates sequences as the worker has made them.
          const original = names[j] === 'constructor' || names[j] === 'length' || names[j] === iterator;
          if (!original) define(target, names[j], { __proto__: null, value: fail });
        }
      }
      globalThis.Uint8Array = globalThis.TypeError = globalThis.Object = globalThis.Map = fail;
      const url = new URL('../b?x=1&y=%41#z', 'https://User@ex-ample.com:8080/a/c');
      url.searchParams.append('q', 'ü');
      const form = new FormData();
      form.append('a', new Blob(['x']));
      const params = new URLSearchParams('b=2&a=1');
      params.sort();
      const decoder = new TextDecoder('utf-16le');
      const target = new EventTarget();
      let seen = '';
      target.addEventListener('e', (event) => { seen += event.type; });
      target.dispatchEvent(new Event('e'));
      const clone = structuredClone({ list: [1, { x: new Date(5) }], big: 1n });
      const result = url.href + ' ' + params + ' ' + form.has('a') + ' ' + seen + ' ' + atob(btoa('hi'));
      const more = ' ' + clone.list.length + ' ' + new TextEncoder().encode('ab')[1];
      for (let i = 0; i < keys.length; i += 1) deleteProperty(prototype, keys[i]);
      return result + more + ' ' + decoder.encoding;
    `);
    expect(results).toBe(
      'https://User@ex-ample.com:8080/b?x=1&y=A&q=%C3%BC#z a=1&b=2 true e hi 2 98 utf-16le',
    );
  });
});
