import { decodeUtf8 } from '../encoding/utf8-decode.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import {
  newList,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypedArrayPrototypeByteLength,
  TypeError,
} from '../primordials.ts';
import { Deferred, promiseReject, promiseResolve } from '../safe-promise.ts';
import { createReadable } from '../streams/create-readable.ts';
import { ReadLoop } from '../streams/read-loop.ts';
import type { ReadableState } from '../streams/readable-state.ts';
import { isReadableStream, ReadableStream, readableStateOf } from '../streams/readable-stream.ts';
import { teeReadable } from '../streams/tee.ts';
import { concatBytes, copyBytes, isUint8Array } from '../webidl/buffer-source.ts';
import type { IncomingBody } from './incoming-body.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** What a body consists of until somebody wants it as a stream. Bytes are the body's own. */
export type BodyContent = string | Bytes | IncomingBody | ReadableStream;

/** https://fetch.spec.whatwg.org/#concept-body; a stream is made only when somebody looks. */
export class Body {
  #content: BodyContent;
  #stream: ReadableStream | undefined;
  #isUsed = false;

  constructor(content: BodyContent) {
    this.#content = content;
    this.#stream = isReadableStream(content) ? content : undefined;
  }

  /** https://fetch.spec.whatwg.org/#dom-body-bodyused */
  get isUsed(): boolean {
    return this.#stream === undefined ? this.#isUsed : readableStateOf(this.#stream).isDisturbed;
  }

  get isUnusable(): boolean {
    return this.isUsed || (this.#stream !== undefined && readableStateOf(this.#stream).isLocked);
  }

  /** The stream that `request.body` and `response.body` answer with. */
  get stream(): ReadableStream {
    this.#stream ??= new ReadableStream(streamOf(this.#content, this.#isUsed));
    return this.#stream;
  }

  /** The whole content as text; rejects when the body is used, locked, or breaks. */
  text(): Promise<string> {
    if (this.isUnusable) return promiseReject(unusable());
    if (this.#stream === undefined && typeof this.#content === 'string') {
      this.#isUsed = true;
      return promiseResolve(withoutBom(this.#content));
    }
    return this.#read(decodeText);
  }

  /** The whole content through the function; what that throws rejects. */
  read<Result>(convert: (bytes: Bytes) => Result): Promise<Result> {
    return this.isUnusable ? promiseReject(unusable()) : this.#read(convert);
  }

  /** A second body with the same content; this one must not be used or locked. */
  clone(): Body {
    const content = this.#content;
    if (this.#stream === undefined && (typeof content === 'string' || isUint8Array(content))) {
      return new Body(content);
    }
    const { first, second } = teeReadable(readableStateOf(this.stream), cloneChunk);
    this.#stream = new ReadableStream(first);
    return new Body(new ReadableStream(second));
  }

  /** Moves the content into a new body; this one counts as used. */
  transfer(): Body {
    if (this.#stream === undefined) {
      this.#isUsed = true;
      return new Body(this.#content);
    }
    return new Body(new ReadableStream(proxy(readableStateOf(this.#stream))));
  }

  /** The content for sending; marks it used. A stream is given as it is, to be read and cancelled. */
  takeContent(): string | Bytes | ReadableState {
    if (this.#stream === undefined) {
      const content = this.#content;
      if (typeof content === 'string' || isUint8Array(content)) {
        this.#isUsed = true;
        return content;
      }
    }
    return readableStateOf(this.stream);
  }

  #read<Result>(convert: (bytes: Bytes) => Result): Promise<Result> {
    const deferred = new Deferred<Result>();
    const onError = (reason: unknown): void => deferred.reject(reason);
    const onBytes = (bytes: Bytes): void => {
      try {
        deferred.resolve(convert(bytes));
      } catch (error) {
        deferred.reject(error);
      }
    };
    const content = this.#content;
    if (this.#stream !== undefined) readAll(readableStateOf(this.#stream), onBytes, onError);
    else {
      this.#isUsed = true;
      if (typeof content === 'string') onBytes(encodeUtf8(content));
      else if (isUint8Array(content)) onBytes(copyBytes(content));
      else if (!isReadableStream(content)) content.collect(onBytes, onError);
    }
    return deferred.promise;
  }
}

/** https://encoding.spec.whatwg.org/#utf-8-decode: the byte order mark goes. */
export function decodeText(bytes: Bytes): string {
  return withoutBom(decodeUtf8(bytes, 0, TypedArrayPrototypeByteLength(bytes)));
}

function withoutBom(text: string): string {
  return StringPrototypeCharCodeAt(text, 0) === 0xfeff ? StringPrototypeSlice(text, 1) : text;
}

function unusable(): TypeError {
  return new TypeError('The body has already been used or is locked');
}

function streamOf(content: BodyContent, isUsed: boolean): ReadableState {
  if (isReadableStream(content)) return readableStateOf(content);
  if (typeof content !== 'string' && !isUint8Array(content) && !isUsed) return content.stream();
  const { stream, controller } = createReadable({
    highWaterMark: 0,
    pull: () => {
      if (typeof content === 'string') enqueueSome(encodeUtf8(content));
      else if (isUint8Array(content)) enqueueSome(copyBytes(content));
      controller.close();
      return undefined;
    },
  });
  const enqueueSome = (bytes: Bytes): void => {
    if (TypedArrayPrototypeByteLength(bytes) > 0) controller.enqueue(bytes);
  };
  if (isUsed) {
    stream.isDisturbed = true;
    controller.close();
  }
  controller.startNow();
  return stream;
}

function readAll(
  stream: ReadableState,
  onBytes: (bytes: Bytes) => void,
  onError: (reason: unknown) => void,
): void {
  const parts = newList<Bytes>();
  const loop = new ReadLoop(stream, {
    chunk(chunk) {
      if (!isUint8Array(chunk)) {
        onError(new TypeError('The body stream has a chunk that is not a Uint8Array'));
        return false;
      }
      parts[parts.length] = chunk;
      return true;
    },
    end: () => onBytes(concatBytes(parts)),
    fail: onError,
  });
  loop.resume();
}

/** https://streams.spec.whatwg.org/#readablestream-create-a-proxy: the source is locked. */
function proxy(source: ReadableState): ReadableState {
  const { stream, controller } = createReadable({
    highWaterMark: 0,
    pull: () => {
      loop.resume();
      return undefined;
    },
    cancel: (reason) => loop.cancel(reason),
  });
  const loop = new ReadLoop(source, {
    chunk(chunk) {
      controller.enqueue(chunk);
      return false;
    },
    end: () => controller.close(),
    fail: (reason) => controller.error(reason),
  });
  source.isDisturbed = true;
  controller.startNow();
  return stream;
}

function cloneChunk(chunk: unknown): unknown {
  return isUint8Array(chunk) ? copyBytes(chunk) : chunk;
}
