import { Headers } from './fetch/headers.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import {
  base64Module,
  blobModule,
  cacheModule,
  compressionModule,
  cryptoModule,
  domExceptionModule,
  encodingModule,
  eventSourceModule,
  eventsModule,
  fileReaderModule,
  htmlRewriterModule,
  messagingModule,
  performanceModule,
  streamsModule,
  structuredCloneModule,
  textStreamsModule,
  urlModule,
  urlPatternModule,
  websocketModule,
} from './lazy/lazy-modules.ts';
import { defineLazyGlobal, defineLazyGlobals } from './lazy/lazy-globals.ts';
import { defineGlobal } from './lazy/define-global.ts';
import { globalObject, ObjectDefineProperty, ObjectKeys } from './primordials.ts';

/** Puts the classes of the Web platform on `globalThis`; most are evaluated when first touched. */
export function defineInterfaces(): void {
  defineGlobal('Headers', Headers, false);
  defineGlobal('Request', Request, false);
  defineGlobal('Response', Response, false);
  defineLazyGlobals(blobModule, ['Blob', 'File', 'FormData']);
  defineLazyGlobals(cacheModule, ['Cache', 'CacheStorage']);
  defineLazyGlobals(cryptoModule, ['Crypto', 'CryptoKey', 'SubtleCrypto']);
  defineLazyGlobals(compressionModule, ['CompressionStream', 'DecompressionStream']);
  defineLazyGlobals(domExceptionModule, ['DOMException', 'QuotaExceededError']);
  defineLazyGlobals(encodingModule, ['TextDecoder', 'TextEncoder']);
  defineLazyGlobals(eventsModule, [
    'AbortController',
    'AbortSignal',
    'CloseEvent',
    'CustomEvent',
    'ErrorEvent',
    'Event',
    'EventTarget',
    'MessageEvent',
    'PromiseRejectionEvent',
  ]);
  defineLazyGlobals(eventSourceModule, ['EventSource']);
  defineLazyGlobals(fileReaderModule, ['FileReader', 'ProgressEvent']);
  defineLazyGlobals(htmlRewriterModule, ['HTMLRewriter']);
  defineLazyGlobals(messagingModule, ['MessageChannel', 'MessagePort']);
  defineLazyGlobals(performanceModule, [
    'Navigator',
    'Performance',
    'PerformanceEntry',
    'PerformanceMark',
    'PerformanceMeasure',
  ]);
  defineLazyGlobals(streamsModule, [
    'ByteLengthQueuingStrategy',
    'CountQueuingStrategy',
    'FixedLengthStream',
    'IdentityTransformStream',
    'ReadableByteStreamController',
    'ReadableStream',
    'ReadableStreamBYOBReader',
    'ReadableStreamBYOBRequest',
    'ReadableStreamDefaultController',
    'ReadableStreamDefaultReader',
    'TransformStream',
    'TransformStreamDefaultController',
    'WritableStream',
    'WritableStreamDefaultController',
    'WritableStreamDefaultWriter',
  ]);
  defineLazyGlobals(textStreamsModule, ['TextDecoderStream', 'TextEncoderStream']);
  defineLazyGlobals(urlModule, ['URL', 'URLSearchParams']);
  defineLazyGlobals(urlPatternModule, ['URLPattern']);
  defineLazyGlobals(websocketModule, ['WebSocket', 'WebSocketPair']);
}

/** Puts the functions and objects of the Web platform on `globalThis` that are not made at boot. */
export function defineOperations(): void {
  defineLazyGlobal('atob', true, () => named('atob', base64Module.value.atob));
  defineLazyGlobal('btoa', true, () => named('btoa', base64Module.value.btoa));
  defineLazyGlobal('caches', true, () => cacheModule.value.caches);
  defineLazyGlobal('crypto', true, () => cryptoModule.value.crypto);
  defineLazyGlobal('navigator', true, () => performanceModule.value.navigator);
  defineLazyGlobal('performance', true, () => performanceModule.value.performance);
  defineLazyGlobal('structuredClone', true, () =>
    named('structuredClone', structuredCloneModule.value.structuredClone),
  );
}

/** Functions by their global names. */
export type GlobalFunctions = Readonly<Record<string, (...args: never) => unknown>>;

/** Puts functions on `globalThis`, enumerable as WebIDL's operations are. */
export function defineFunctions(functions: GlobalFunctions): void {
  const names = ObjectKeys(functions);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    if (name === undefined) continue;
    const value = functions[name];
    if (value === undefined) continue;
    defineGlobal(name, named(name, value), true);
  }
}

/** Gives the function its name again, which the bundler has shortened. */
function named<Callable extends object>(name: string, callable: Callable): Callable {
  return ObjectDefineProperty(callable, 'name', { __proto__: null, value: name } as object);
}

/** A global that worker code can neither replace nor delete. */
export function defineFixedGlobal(name: string, value: unknown): void {
  ObjectDefineProperty(globalObject, name, { __proto__: null, value, enumerable: true } as object);
}
