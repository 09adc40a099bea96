import { ByteLengthQueuingStrategy, CountQueuingStrategy } from './streams/strategies.ts';
import { DOMException } from './dom-exception/dom-exception.ts';
import { QuotaExceededError } from './dom-exception/quota-exceeded-error.ts';
import { AbortController } from './events/abort-controller.ts';
import { AbortSignal } from './events/abort-signal.ts';
import { CustomEvent } from './events/custom-event.ts';
import { ErrorEvent } from './events/error-event.ts';
import { EventTarget } from './events/event-target.ts';
import { Event } from './events/event.ts';
import { Headers } from './fetch/headers.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import { globalObject, ObjectDefineProperty, ObjectKeys, ReflectGet } from './primordials.ts';
import { ReadableStreamDefaultController } from './streams/readable-stream-default-controller.ts';
import { ReadableStreamDefaultReader } from './streams/readable-stream-default-reader.ts';
import { ReadableStream } from './streams/readable-stream.ts';
import { TransformStream, TransformStreamDefaultController } from './streams/transform-stream.ts';
import { WritableStreamDefaultController } from './streams/writable-stream-default-controller.ts';
import { WritableStreamDefaultWriter } from './streams/writable-stream-default-writer.ts';
import { WritableStream } from './streams/writable-stream.ts';
import { URL } from './url/url.ts';
import { URLSearchParams } from './url/url-search-params.ts';

/** The classes of the Web platform; as properties they are not enumerable. */
const interfaces = {
  AbortController,
  AbortSignal,
  CustomEvent,
  ErrorEvent,
  Event,
  EventTarget,
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  DOMException,
  Headers,
  QuotaExceededError,
  ReadableStream,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  Request,
  Response,
  TransformStream,
  TransformStreamDefaultController,
  URL,
  URLSearchParams,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

/** Puts the runtime's classes on `globalThis`. */
export function defineInterfaces(): void {
  const names = ObjectKeys(interfaces);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    if (name !== undefined) defineGlobal(name, ReflectGet(interfaces, name), false);
  }
}

/** Puts functions on `globalThis`, enumerable as WebIDL's operations are. */
export function defineFunctions(functions: object): void {
  const names = ObjectKeys(functions);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    if (name !== undefined) defineGlobal(name, ReflectGet(functions, name), true);
  }
}

export function defineGlobal(name: string, value: unknown, enumerable: boolean): void {
  ObjectDefineProperty(globalObject, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable,
    configurable: true,
  } as object);
}

/** A global that worker code can neither replace nor delete. */
export function defineFixedGlobal(name: string, value: unknown): void {
  ObjectDefineProperty(globalObject, name, { __proto__: null, value, enumerable: true } as object);
}
