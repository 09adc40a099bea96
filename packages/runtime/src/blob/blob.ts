/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { decodeUtf8Text } from '../encoding/utf8-decode.ts';
import { MathMax, MathMin, TypedArrayPrototypeBuffer } from '../primordials.ts';
import { promiseReject, promiseResolve } from '../safe-promise.ts';
import { streamsModule } from '../lazy/lazy-modules.ts';
import { closeByteStream, createByteReadable } from '../streams/create-readable.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import { isObject, toDictionary } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toClampedInteger } from '../webidl/integers.ts';
import { joinParts, toEndings, toParts, toType } from './blob-parts.ts';
import type { ByteRange } from './byte-range.ts';

/** Bytes of a chunk of `stream()`. */
const chunkBytes = 65_536;

/** What a Blob holds; the constructor takes it from the runtime itself. */
export class BlobState {
  readonly bytes: ByteRange;
  readonly type: string;

  constructor(bytes: ByteRange, type: string) {
    this.bytes = bytes;
    this.type = type;
  }
}

let blobStateOf: (blob: object) => BlobState;
let isBlob: (value: unknown) => value is Blob;

/** https://w3c.github.io/FileAPI/#blob-section */
export class Blob {
  readonly #state: BlobState;

  /** @param parts The runtime's own states are taken over, anything else is a sequence of parts. */
  constructor(parts: unknown = undefined, options: unknown = undefined) {
    if (parts instanceof BlobState) this.#state = parts;
    else {
      const converted = toParts(parts, (value) => (isBlob(value) ? value.#state.bytes : undefined));
      const { endings, type } = toDictionary<'endings' | 'type'>(options, 'Blob constructor');
      const bytes = joinParts(converted, toEndings(endings));
      this.#state = new BlobState(bytes, toType(type));
    }
  }

  get size(): number {
    return this.#state.bytes.length;
  }

  get type(): string {
    return this.#state.type;
  }

  slice(start: unknown = undefined, end: unknown = undefined, type: unknown = undefined): Blob {
    const { bytes } = this.#state;
    const first = toPosition(start, 0, bytes.length);
    const last = MathMax(first, toPosition(end, bytes.length, bytes.length));
    return new Blob(new BlobState(bytes.slice(first, last), toType(type)));
  }

  stream(): ReadableStream {
    return new streamsModule.value.ReadableStream(streamOf(this.#state.bytes));
  }

  text(): Promise<string> {
    return promise(this, (bytes) => decodeUtf8Text(bytes.view(), 0, bytes.length));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return promise(this, (bytes) => TypedArrayPrototypeBuffer(bytes.copy()));
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return promise(this, (bytes) => bytes.copy());
  }

  static {
    // Throws a TypeError for what is no Blob.
    blobStateOf = (blob) => (blob as Blob).#state;
    isBlob = (value): value is Blob => isObject(value) && #state in value;
    defineInterface(this, 'Blob');
  }
}

function promise<Result>(blob: Blob, convert: (bytes: ByteRange) => Result): Promise<Result> {
  try {
    return promiseResolve(convert(blobStateOf(blob).bytes));
  } catch (error) {
    return promiseReject(error);
  }
}

/** A position as `slice` counts it: negative ones from the end. */
function toPosition(value: unknown, absent: number, size: number): number {
  if (value === undefined) return absent;
  const position = toClampedInteger(value);
  return position < 0 ? MathMax(size + position, 0) : MathMin(position, size);
}

function streamOf(bytes: ByteRange): ReturnType<typeof createByteReadable>['stream'] {
  let position = 0;
  const { stream, controller } = createByteReadable({
    pull: () => {
      const end = MathMin(position + chunkBytes, bytes.length);
      if (end > position) controller.enqueue(bytes.slice(position, end).copy());
      position = end;
      if (end === bytes.length) closeByteStream(controller);
      return undefined;
    },
    cancel: undefined,
  });
  controller.start(undefined);
  return stream;
}

export { blobStateOf, isBlob };
