import { decodeUtf8Text } from '../encoding/utf8-decode.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import { streamsModule } from '../lazy/lazy-modules.ts';
import {
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypedArrayPrototypeByteLength,
  TypeError,
} from '../primordials.ts';
import { Deferred, promiseReject, promiseResolve } from '../safe-promise.ts';
import type { ReadableState } from '../streams/readable-state.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import { copyBytes, isUint8Array } from '../webidl/buffer-source.ts';
import { IncomingBody } from './incoming-body.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** What a body consists of until somebody wants it as a stream. Nobody changes the bytes. */
type BodyContent = string | Bytes | IncomingBody;

/** https://fetch.spec.whatwg.org/#concept-body; a stream is made only when somebody looks. */
export class Body {
  /** Undefined when the body was made from a stream. */
  readonly #content: BodyContent | undefined;
  #stream: ReadableStream | undefined;
  #isUsed = false;

  constructor(content: BodyContent | undefined, stream: ReadableStream | undefined) {
    this.#content = content;
    this.#stream = stream;
  }

  /** https://fetch.spec.whatwg.org/#dom-body-bodyused */
  get isUsed(): boolean {
    return this.#stream === undefined ? this.#isUsed : stateOf(this.#stream).isDisturbed;
  }

  get isUnusable(): boolean {
    if (this.#stream === undefined) return this.#isUsed;
    const { isDisturbed, isLocked } = stateOf(this.#stream);
    return isDisturbed || isLocked;
  }

  /** The stream that `request.body` and `response.body` answer with. */
  get stream(): ReadableStream {
    this.#stream ??= streamOf(this.#isUsed ? undefined : this.#content);
    return this.#stream;
  }

  /** The whole content as text; rejects when the body is used, locked, or breaks. */
  text(): Promise<string> {
    if (this.isUnusable) return promiseReject(unusable());
    if (this.#stream === undefined && typeof this.#content === 'string') {
      this.#isUsed = true;
      return promiseResolve(withoutBom(this.#content));
    }
    return this.#read((bytes) => decodeUtf8Text(bytes, 0, TypedArrayPrototypeByteLength(bytes)));
  }

  /** The whole content through the function; what that throws rejects. */
  read<Result>(convert: (bytes: Bytes) => Result): Promise<Result> {
    return this.isUnusable ? promiseReject(unusable()) : this.#read(convert);
  }

  /** A second body with the same content; this one must not be used or locked. */
  clone(): Body {
    const content = this.#content;
    if (this.#stream === undefined && (typeof content === 'string' || isUint8Array(content))) {
      return new Body(content, undefined);
    }
    const { first, second } = streamsModule.value.teeBody(stateOf(this.stream));
    this.#stream = first;
    return new Body(undefined, second);
  }

  /** Moves the content into a new body; this one counts as used. */
  transfer(): Body {
    if (this.#stream === undefined) {
      this.#isUsed = true;
      return new Body(this.#content, undefined);
    }
    return new Body(undefined, streamsModule.value.proxyStream(stateOf(this.#stream)));
  }

  /** Nobody will read it: the source of a stream is told why. */
  cancel(reason: unknown): Promise<unknown> {
    return stateOf(this.stream).cancel(reason);
  }

  /** The content for sending; marks it used. A stream is given as it is, to be read and cancelled. */
  takeContent(): string | Bytes | ReadableState {
    const content = this.#content;
    if (this.#stream === undefined && (typeof content === 'string' || isUint8Array(content))) {
      this.#isUsed = true;
      return content;
    }
    return stateOf(this.stream);
  }

  /**
   * The incoming body whose bytes nobody has looked at, for handing it over; marks the content used.
   * Undefined when there is none: see {@link takeContent}.
   */
  takeIncoming(): IncomingBody | undefined {
    const content = this.#content;
    if (this.#stream === undefined) {
      if (!(content instanceof IncomingBody) || !content.canHandOver) return undefined;
      this.#isUsed = true;
      return content;
    }
    const state = stateOf(this.#stream);
    if (state.incoming?.canHandOver !== true) return undefined;
    streamsModule.value.lockForGood(state);
    return state.incoming;
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
    if (this.#stream !== undefined) {
      streamsModule.value.readAll(stateOf(this.#stream), onBytes, onError);
      return deferred.promise;
    }
    this.#isUsed = true;
    if (content instanceof IncomingBody) content.collect(onBytes, onError);
    else if (content !== undefined) onBytes(ownBytes(content));
    return deferred.promise;
  }
}

function streamOf(content: BodyContent | undefined): ReadableStream {
  const { streamOfBytes, streamOfIncoming } = streamsModule.value;
  if (content instanceof IncomingBody) return streamOfIncoming(content);
  return streamOfBytes(content === undefined ? undefined : ownBytes(content));
}

function ownBytes(content: string | Bytes): Bytes {
  return typeof content === 'string' ? encodeUtf8(content) : copyBytes(content);
}

function stateOf(stream: ReadableStream): ReadableState {
  return streamsModule.value.readableStateOf(stream);
}

/** https://encoding.spec.whatwg.org/#utf-8-decode: the byte order mark goes. */
function withoutBom(text: string): string {
  return StringPrototypeCharCodeAt(text, 0) === 0xfeff ? StringPrototypeSlice(text, 1) : text;
}

function unusable(): TypeError {
  return new TypeError('The body has already been used or is locked');
}
