import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, type RawFrame } from '../testing/raw-socket.ts';
import { ClientSocket, type SocketEnding } from './client-socket.ts';
import { IsolateSocketMemory, SocketMemory } from './socket-memory.ts';

/* Frames, right and wrong, against a model of RFC 6455. */

const maxMessageBytes = 1024 * 1024;
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

interface Outcome {
  /** Text in quotes, bytes in hex. */
  readonly messages: string[];
  /** The close code sent to the client; undefined when the connection just ended. */
  readonly code: number | undefined;
}

function model(frames: readonly RawFrame[]): Outcome {
  const messages: string[] = [];
  let open: { opcode: number; parts: Buffer[] } | undefined;
  for (const frame of frames) {
    const { opcode, isFinal = true, reserved = 0, isMasked = true } = frame;
    const payload = Buffer.from(frame.payload ?? '');
    const length = frame.claimedLength ?? payload.length;
    const isControl = opcode >= 8;
    const isKnown = [0, 1, 2, 8, 9, 10].includes(opcode);
    if (reserved !== 0 || !isKnown || !isMasked) return { messages, code: 1002 };
    if (isControl && (!isFinal || length > 125)) return { messages, code: 1002 };
    if (opcode === 0 && open === undefined) return { messages, code: 1002 };
    if ((opcode === 1 || opcode === 2) && open !== undefined) return { messages, code: 1002 };
    if (opcode === 8) return { messages, code: closeAnswer(payload) };
    if (isControl) continue;
    open ??= { opcode, parts: [] };
    const before = Buffer.concat(open.parts).length;
    if (before + length > maxMessageBytes) return { messages, code: 1009 };
    open.parts.push(payload);
    if (!isFinal) continue;
    const message = Buffer.concat(open.parts);
    if (open.opcode === 1 && !isUtf8(message)) return { messages, code: 1007 };
    messages.push(open.opcode === 1 ? JSON.stringify(message.toString()) : message.toString('hex'));
    open = undefined;
  }
  return { messages, code: undefined };
}

function closeAnswer(payload: Buffer): number {
  if (payload.length === 0) return 1005;
  if (payload.length === 1) return 1002;
  const code = payload.readUInt16BE(0);
  const isAllowed =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
  if (!isAllowed) return 1002;
  return isUtf8(payload.subarray(2)) ? code : 1007;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Sends the bytes in pieces to a socket and says what came of them. */
async function run(bytes: Buffer, pieces: readonly number[]): Promise<Outcome> {
  const [near, far] = duplexPair();
  const messages: string[] = [];
  const memory = new SocketMemory();
  const isolateMemory = new IsolateSocketMemory();
  const endings: SocketEnding[] = [];
  const ended = Promise.withResolvers<void>();
  new ClientSocket({
    stream: near,
    memory,
    isolateMemory,
    listener: {
      message: (data, isBinary) =>
        messages.push(isBinary ? data.toString('hex') : JSON.stringify(data.toString())),
      activity: () => undefined,
      taken: () => undefined,
      closed: (ending) => {
        endings.push(ending);
        ended.resolve();
      },
    },
  });
  const heard: Buffer[] = [];
  far.on('data', (chunk: Buffer) => heard.push(chunk));
  far.on('end', () => far.end());
  far.on('error', () => undefined);
  let at = 0;
  for (const size of pieces) {
    far.write(bytes.subarray(at, at + size));
    at += size;
  }
  far.write(bytes.subarray(at));
  // A client that hangs up at once does not hear why it was wrong.
  await turns(3);
  far.end();
  await ended.promise;
  expect(endings).toHaveLength(1);
  expect([memory.heldBytes, isolateMemory.heldBytes]).toEqual([0, 0]);
  return { messages, code: closeCodeOf(Buffer.concat(heard)) };
}

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Of the first close frame; frames of the server here are short. */
function closeCodeOf(bytes: Buffer): number | undefined {
  for (let at = 0; at + 1 < bytes.length;) {
    const length = (bytes[at + 1] ?? 0) & 127;
    if (((bytes[at] ?? 0) & 15) === 8) return length < 2 ? 1005 : bytes.readUInt16BE(at + 2);
    at += 2 + length;
  }
  return undefined;
}

const payload = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    Buffer.from([0xe2, 0x82]),
    Buffer.from([0xac]),
    Buffer.alloc(126, 'a'),
    Buffer.alloc(70_000, 'b'),
  ),
);
const closePayload = fc.oneof(
  payload,
  fc
    .tuple(
      fc.oneof(fc.integer({ min: 990, max: 1020 }), fc.integer({ min: 0, max: 65_535 })),
      fc.string({ maxLength: 20 }),
    )
    .map(([code, reason]) =>
      Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]),
    ),
);
const goodFrame: fc.Arbitrary<RawFrame> = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  isFinal: fc.boolean(),
  payload,
});
const frame: fc.Arbitrary<RawFrame> = fc.oneof(
  { weight: 12, arbitrary: goodFrame },
  { weight: 1, arbitrary: fc.record({ opcode: fc.constant(8), payload: closePayload }) },
  {
    weight: 1,
    arbitrary: fc.record({
      opcode: fc.integer({ min: 0, max: 15 }),
      isFinal: fc.boolean(),
      reserved: fc.integer({ min: 0, max: 7 }),
      isMasked: fc.boolean(),
      payload,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      opcode: fc.constantFrom(0, 1, 2, 9),
      claimedLength: fc.constantFrom(maxMessageBytes + 1, 2 ** 31, 2 ** 40, 2 ** 53 - 1, 2 ** 60),
    }),
  },
);
const pieces = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 });

test(
  '10 000 sequences of frames are understood as the standard says',
  { timeout: 240_000 },
  async () => {
    console.log(`WebSocket frames: seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), pieces, async (frames, sizes) => {
        expect(await run(Buffer.concat(frames.map(encodeFrame)), sizes)).toEqual(model(frames));
      }),
      { numRuns: 10_000, seed },
    );
  },
);

test('2 000 streams of noise only ever end the connection', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), pieces, async (bytes, sizes) => {
      const { code } = await run(Buffer.from(bytes), sizes);
      expect([undefined, 1002, 1005, 1007, 1008, 1009]).toContain(
        code !== undefined &&
          code >= 1000 &&
          code <= 4999 &&
          ![1002, 1007, 1008, 1009].includes(code)
          ? 1005
          : code,
      );
    }),
    { numRuns: 2_000, seed },
  );
});
