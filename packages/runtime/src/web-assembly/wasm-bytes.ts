import { responseStateOf, isResponse } from '../fetch/response.ts';
import type { ResponseState } from '../fetch/response.ts';
import {
  newList,
  RegExpPrototypeExec,
  TypedArrayPrototypeByteLength,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { Deferred, markHandled, promiseResolve, react } from '../safe-promise.ts';
import { ReadLoop, type ChunkConsumer } from '../streams/read-loop.ts';
import { concatBytes, isUint8Array } from '../webidl/buffer-source.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** More than any module that compiles within the limits of a request. */
const mostBytes = 64 * 1024 * 1024;

/** Parameters are not allowed. */
const wasmType = /^[\t\n\r ]*application\/wasm[\t\n\r ]*$/i;

/**
 * Reads the body of a response, or of a promise for one, and calls back with the bytes; the result
 * settles as what that returns. Rejects with a TypeError for anything but a good response of the type
 * `application/wasm`.
 */
export function wasmBytesOf(
  source: unknown,
  use: (bytes: Bytes) => Promise<object>,
): Promise<object> {
  const deferred = new Deferred<object>();
  const fail = (reason: unknown): void => deferred.reject(reason);
  const finish = (bytes: Bytes): void => {
    try {
      react(use(bytes), (result) => deferred.resolve(result), fail);
    } catch (error) {
      deferred.reject(error);
    }
  };
  react(
    promiseResolve(source),
    (response) => {
      try {
        collect(checked(response), finish, fail);
      } catch (error) {
        deferred.reject(error);
      }
    },
    fail,
  );
  return deferred.promise;
}

function checked(response: unknown): ResponseState {
  if (!isResponse(response)) throw new TypeError('WebAssembly: the source is not a Response');
  const state = responseStateOf(response);
  const { status, headers, body } = state;
  if (status < 200 || status > 299) {
    throw new TypeError(`WebAssembly: the status of the response is ${status}`);
  }
  const type = headers.get('content-type') ?? '';
  if (RegExpPrototypeExec(wasmType, type) === null) {
    throw new TypeError(`WebAssembly: the type of the response is "${type}", not application/wasm`);
  }
  if (body?.isUnusable === true) {
    throw new TypeError('WebAssembly: the body of the response has already been used');
  }
  return state;
}

function collect(
  { body }: ResponseState,
  onBytes: (bytes: Bytes) => void,
  onError: (reason: unknown) => void,
): void {
  const content = body === null ? new Uint8Array(0) : body.takeContent();
  if (typeof content === 'string') onBytes(encodeUtf8(content));
  else if (isUint8Array(content)) onBytes(content);
  else {
    const collector = new Collector(onBytes, onError);
    const loop = new ReadLoop(content, collector);
    collector.cancel = (reason) => markHandled(loop.cancel(reason));
    loop.resume();
  }
}

class Collector implements ChunkConsumer {
  readonly #parts = newList<Bytes>();
  readonly #onBytes: (bytes: Bytes) => void;
  readonly #onError: (reason: unknown) => void;
  #length = 0;
  cancel: (reason: unknown) => void = () => {};

  constructor(onBytes: (bytes: Bytes) => void, onError: (reason: unknown) => void) {
    this.#onBytes = onBytes;
    this.#onError = onError;
  }

  chunk(chunk: unknown): boolean {
    if (!isUint8Array(chunk)) return this.#refuse('a chunk of the body is not a Uint8Array');
    this.#length += TypedArrayPrototypeByteLength(chunk);
    if (this.#length > mostBytes)
      return this.#refuse(`the module has more than ${mostBytes} bytes`);
    this.#parts[this.#parts.length] = chunk;
    return true;
  }

  end(): void {
    const onBytes = this.#onBytes;
    onBytes(concatBytes(this.#parts));
  }

  fail(reason: unknown): void {
    const onError = this.#onError;
    onError(reason);
  }

  #refuse(message: string): false {
    const error = new TypeError(`WebAssembly: ${message}`);
    this.cancel(error);
    this.fail(error);
    return false;
  }
}
