import { ProtocolError } from './protocol-error.ts';

/** `u32 payload length | u8 type | u32 id`, little endian. */
export const frameHeaderBytes = 9;

export type FrameHandler = (type: number, id: number, payload: Buffer) => void;

const noBytes = Buffer.alloc(0);

/**
 * Cuts a byte stream into frames. A payload that lies within one chunk is handed on as a view of it;
 * one that spans chunks is copied once, into a buffer of exactly its size.
 */
export class FrameParser {
  readonly #maxPayloadBytes: number;
  readonly #onFrame: FrameHandler;
  /** Header bytes that came at the end of a chunk. */
  readonly #header = Buffer.alloc(frameHeaderBytes);
  #headerFill = 0;
  #length = 0;
  #type = 0;
  #id = 0;
  #payload: Buffer = noBytes;
  #payloadFill = 0;
  #isInPayload = false;

  constructor(options: { maxPayloadBytes: number; onFrame: FrameHandler }) {
    this.#maxPayloadBytes = options.maxPayloadBytes;
    this.#onFrame = options.onFrame;
  }

  /** @throws ProtocolError on a frame that is too long; whatever a handler throws passes through */
  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length) {
      offset = this.#isInPayload ? this.#fillPayload(chunk, offset) : this.#begin(chunk, offset);
    }
  }

  #begin(chunk: Buffer, offset: number): number {
    if (this.#headerFill === 0 && chunk.length - offset >= frameHeaderBytes) {
      this.#readHeader(chunk, offset);
      return this.#beginPayload(chunk, offset + frameHeaderBytes);
    }
    const taken = Math.min(frameHeaderBytes - this.#headerFill, chunk.length - offset);
    chunk.copy(this.#header, this.#headerFill, offset, offset + taken);
    this.#headerFill += taken;
    if (this.#headerFill < frameHeaderBytes) return offset + taken;
    this.#headerFill = 0;
    this.#readHeader(this.#header, 0);
    return this.#beginPayload(chunk, offset + taken);
  }

  #readHeader(bytes: Buffer, at: number): void {
    this.#length = bytes.readUInt32LE(at);
    this.#type = bytes.readUInt8(at + 4);
    this.#id = bytes.readUInt32LE(at + 5);
    if (this.#length > this.#maxPayloadBytes) {
      throw new ProtocolError(`frame ${this.#type} of ${this.#length} bytes`);
    }
  }

  #beginPayload(chunk: Buffer, offset: number): number {
    const end = offset + this.#length;
    if (end <= chunk.length) {
      this.#onFrame(this.#type, this.#id, chunk.subarray(offset, end));
      return end;
    }
    this.#payload = Buffer.allocUnsafeSlow(this.#length);
    this.#payloadFill = 0;
    this.#isInPayload = true;
    return offset;
  }

  #fillPayload(chunk: Buffer, offset: number): number {
    const taken = Math.min(this.#payload.length - this.#payloadFill, chunk.length - offset);
    chunk.copy(this.#payload, this.#payloadFill, offset, offset + taken);
    this.#payloadFill += taken;
    if (this.#payloadFill === this.#payload.length) {
      const payload = this.#payload;
      this.#payload = noBytes;
      this.#isInPayload = false;
      this.#onFrame(this.#type, this.#id, payload);
    }
    return offset + taken;
  }
}
