import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameParser, frameHeaderBytes } from './frame-parser.ts';
import { ProtocolError } from './protocol-error.ts';

interface TestFrame {
  readonly type: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

function encode({ type, id, payload }: TestFrame): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt8(type, 4);
  header.writeUInt32LE(id, 5);
  return Buffer.concat([header, payload]);
}

const frame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  payload: fc.uint8Array({ maxLength: 300 }),
});

function parse(bytes: Buffer, cuts: readonly number[], maxPayloadBytes = 1000): TestFrame[] {
  const frames: TestFrame[] = [];
  const parser = new FrameParser({
    maxPayloadBytes,
    onFrame: (type, id, payload) => frames.push({ type, id, payload: Uint8Array.from(payload) }),
  });
  const points = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length];
  points.sort((a, b) => a - b);
  for (const [index, point] of points.entries()) {
    parser.push(bytes.subarray(points[index - 1] ?? 0, point));
  }
  return frames;
}

describe('a frame parser', () => {
  test('finds the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (frames, cuts) => {
          expect(parse(Buffer.concat(frames.map(encode)), cuts)).toEqual(frames);
        },
      ),
    );
  });

  test('finds them when every byte comes alone', () => {
    const frames = [
      { type: 1, id: 7, payload: new Uint8Array(0) },
      { type: 255, id: 2 ** 32 - 1, payload: Uint8Array.of(1, 2, 3) },
    ];
    const bytes = Buffer.concat(frames.map(encode));
    expect(parse(bytes, [...bytes.keys()])).toEqual(frames);
  });

  test('refuses a frame that is too long as soon as its header is there', () => {
    const header = encode({ type: 1, id: 1, payload: new Uint8Array(0) });
    header.writeUInt32LE(1001, 0);
    expect(() => parse(header, [])).toThrow(ProtocolError);
    expect(() => parse(header, [4])).toThrow(ProtocolError);
    header.writeUInt32LE(0xffff_ffff, 0);
    expect(() => parse(header, [])).toThrow(ProtocolError);
  });

  test('accepts a frame of exactly the longest length', () => {
    const longest = { type: 1, id: 1, payload: new Uint8Array(1000) };
    expect(parse(encode(longest), [500])).toEqual([longest]);
  });

  test('never fails in another way on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parse(Buffer.from(bytes), []);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
