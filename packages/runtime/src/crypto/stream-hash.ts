import { callHost } from '../dispatch/host-calls.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import {
  JSONStringify,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeByteLength,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { Deferred, markHandled, promiseReject, promiseResolve } from '../safe-promise.ts';
import { DefaultWritableController } from '../streams/writable-default-controller.ts';
import { WritableState } from '../streams/writable-state.ts';
import {
  copyBytes,
  exactBuffer,
  extentOf,
  isArrayBuffer,
  isBufferSource,
} from '../webidl/buffer-source.ts';
import { operationError } from './crypto-request.ts';
import { normalizeAlgorithm, toAlgorithmIdentifier } from './normalize-algorithm.ts';
import { RequestParts } from './request-parts.ts';

/** More is hashed in pieces: the sandbox does it on its main thread. */
const pieceBytes = 64 * 1024;

let lastStreamId = 0;

/** Hashes what is written to a stream; the state of the hash is in the sandbox. */
export class StreamHash {
  readonly writable = new WritableState();
  bytesWritten = 0;
  readonly #streamId: number;
  readonly #hash: string;
  readonly #digest = new Deferred<ArrayBuffer>();

  constructor(algorithm: unknown) {
    this.#hash = toHashName(algorithm);
    lastStreamId += 1;
    this.#streamId = lastStreamId;
    // Whoever is not interested need not handle that it fails.
    markHandled(this.#digest.promise);
    const controller = new DefaultWritableController(this.writable, {
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => {
        this.#fail(reason);
        return done;
      },
      highWaterMark: 1,
      size: undefined,
      signalAbort: () => {},
    });
    controller.start(undefined);
  }

  get digest(): Promise<ArrayBuffer> {
    return this.#digest.promise;
  }

  #write(chunk: unknown): Promise<unknown> {
    let bytes: Uint8Array<ArrayBuffer>;
    if (typeof chunk === 'string') bytes = encodeUtf8(chunk);
    else if (isBufferSource(chunk)) bytes = copyBytes(chunk);
    else {
      const error = new TypeError('A chunk is not an ArrayBuffer, a view or a string');
      this.#fail(error);
      return promiseReject(error);
    }
    const written = new Deferred<undefined>();
    this.#send(bytes, 0, written);
    return written.promise;
  }

  /** Sends the bytes from there on, piece by piece. */
  #send(bytes: Uint8Array<ArrayBuffer>, from: number, written: Deferred<undefined>): void {
    const rest = TypedArrayPrototypeByteLength(bytes) - from;
    if (rest === 0) {
      written.resolve(undefined);
      return;
    }
    const length = rest < pieceBytes ? rest : pieceBytes;
    const { buffer, byteOffset } = extentOf(bytes);
    const piece = new Uint8Array(buffer, byteOffset + from, length);
    this.#ask(piece, this.bytesWritten === 0, {
      step: 'update',
      onDone: () => this.#send(bytes, from + length, written),
      onError: (error) => {
        this.#fail(error);
        written.reject(error);
      },
    });
    this.bytesWritten += length;
  }

  #close(): Promise<unknown> {
    const closed = new Deferred<undefined>();
    this.#ask(new Uint8Array(0), this.bytesWritten === 0, {
      step: 'finish',
      onDone: (digest) => {
        if (digest === undefined) this.#fail(operationError('The digest failed'));
        else this.#digest.resolve(digest);
        closed.resolve(undefined);
      },
      onError: (error) => {
        this.#fail(error);
        closed.reject(error);
      },
    });
    return closed.promise;
  }

  #ask(
    piece: Uint8Array<ArrayBuffer>,
    isFirst: boolean,
    { step, onDone, onError }: Question,
  ): void {
    const question = { __proto__: null, step, id: this.#streamId, hash: this.#hash, isFirst };
    callHost({
      name: 'digestStream',
      argument: JSONStringify(question),
      bytes: exactBuffer(copyBytes(piece)),
      onResult: (result) => onDone(isArrayBuffer(result) ? result : undefined),
      onError: () => onError(operationError('The digest failed: is the event over?')),
    });
  }

  #fail(reason: unknown): void {
    this.#digest.reject(reason);
  }
}

interface Question {
  readonly step: 'update' | 'finish';
  readonly onDone: (digest: ArrayBuffer | undefined) => void;
  readonly onError: (error: unknown) => void;
}

const done: Promise<undefined> = promiseResolve(undefined);

/** Those of `digest`, and MD5, which Workers have for checksums. */
function toHashName(algorithm: unknown): string {
  const identifier = toAlgorithmIdentifier(algorithm);
  if (typeof identifier === 'string' && StringPrototypeToLowerCase(identifier) === 'md5') {
    return 'MD5';
  }
  return normalizeAlgorithm('digest', identifier, new RequestParts()).name;
}
