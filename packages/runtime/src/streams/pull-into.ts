import {
  ArrayBuffer,
  ArrayBufferPrototypeByteLength,
  ArrayBufferPrototypeTransfer,
  newList,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { extentOf } from '../webidl/buffer-source.ts';
import type { ByteQueue } from './byte-queue.ts';
import type { Queue } from './queue.ts';
import type { ReadableState } from './readable-state.ts';
import { uint8Kind, viewKindOf } from './view-kind.ts';
import type { ViewKind } from './view-kind.ts';

type PullIntoInit = Pick<
  PullInto,
  | 'buffer'
  | 'bufferByteLength'
  | 'byteOffset'
  | 'byteLength'
  | 'minimumFill'
  | 'kind'
  | 'readerType'
>;

/** https://streams.spec.whatwg.org/#pull-into-descriptor: a buffer that waits to be filled. */
export class PullInto {
  buffer: ArrayBuffer;
  readonly bufferByteLength: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly minimumFill: number;
  readonly kind: ViewKind;
  /** Of the reader that waits for it; `none` when that has been released. */
  readerType: 'default' | 'byob' | 'none';
  bytesFilled = 0;

  constructor(init: PullIntoInit) {
    this.buffer = init.buffer;
    this.bufferByteLength = init.bufferByteLength;
    this.byteOffset = init.byteOffset;
    this.byteLength = init.byteLength;
    this.minimumFill = init.minimumFill;
    this.kind = init.kind;
    this.readerType = init.readerType;
  }

  get missingBytes(): number {
    return this.byteLength - this.bytesFilled;
  }

  /** Bytes that do not make a whole element. */
  get remainderBytes(): number {
    return this.bytesFilled % this.kind.elementSize;
  }

  /** The filled part as a view of its own; https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerconvertpullintodescriptor */
  take(): ArrayBufferView {
    const buffer = ArrayBufferPrototypeTransfer(this.buffer);
    return this.kind.construct(buffer, this.byteOffset, this.bytesFilled / this.kind.elementSize);
  }
}

/** For a default reader: a buffer of so many bytes. */
export function allocatePullInto(byteLength: number): PullInto {
  return new PullInto({
    buffer: new ArrayBuffer(byteLength),
    bufferByteLength: byteLength,
    byteOffset: 0,
    byteLength,
    minimumFill: 1,
    kind: uint8Kind,
    readerType: 'default',
  });
}

/** For a BYOB reader: takes the view's buffer over; a TypeError if that cannot be done. */
export function pullIntoOf(view: ArrayBufferView, minimumElements: number): PullInto {
  const kind = viewKindOf(view);
  const { buffer, byteOffset, byteLength } = extentOf(view);
  const transferred = ArrayBufferPrototypeTransfer(buffer);
  return new PullInto({
    buffer: transferred,
    bufferByteLength: ArrayBufferPrototypeByteLength(transferred),
    byteOffset,
    byteLength,
    minimumFill: minimumElements * kind.elementSize,
    kind,
    readerType: 'byob',
  });
}

/** Takes those out of the waiting ones that the queue could fill. */
export function fillFromQueue(queue: ByteQueue, pending: Queue<PullInto>): List<PullInto> {
  const filled = newList<PullInto>();
  for (;;) {
    const first = pending.peek();
    if (first === undefined || queue.sizeBytes === 0 || !queue.fill(first)) return filled;
    pending.shift();
    filled[filled.length] = first;
  }
}

export function commitAll(stream: ReadableState, filled: List<PullInto>): void {
  for (let i = 0; i < filled.length; i += 1) {
    const pullInto = filled[i];
    if (pullInto !== undefined) commit(stream, pullInto);
  }
}

/** https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollercommitpullintodescriptor */
export function commit(stream: ReadableState, pullInto: PullInto): void {
  const isDone = stream.status === 'closed';
  const view = pullInto.take();
  const { reader } = stream;
  if (pullInto.readerType === 'default') {
    const request = reader?.requests?.shift();
    if (isDone) request?.close();
    else request?.chunk(view);
  } else {
    const request = reader?.intoRequests?.shift();
    if (isDone) request?.close(view);
    else request?.chunk(view);
  }
}
