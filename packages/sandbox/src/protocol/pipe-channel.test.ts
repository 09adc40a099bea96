import { duplexPair } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { FramedPipe } from './framed-pipe.ts';
import { frameTypes, type FrameType } from './messages.ts';
import type { ChannelHandler, PipeChannel } from './pipe-channel.ts';
import { streamWindowBytes } from './pipe-stream.ts';
import { ProtocolError } from './protocol-error.ts';
import { StreamTable } from './stream-table.ts';

class Heard implements ChannelHandler {
  readonly events: string[] = [];
  readonly pieces: (Buffer | string)[] = [];
  sentBytes = 0;

  get length(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  message(text: string): void {
    this.events.push(`message ${text}`);
  }

  data(data: Buffer | string): void {
    this.pieces.push(typeof data === 'string' ? data : Buffer.from(data));
  }

  end(text: string): void {
    this.events.push(`end ${text}`);
  }

  error(message: string): void {
    this.events.push(`error ${message}`);
  }

  sent(bytes: number): void {
    this.sentBytes += bytes;
  }
}

interface Side {
  readonly pipe: FramedPipe;
  readonly table: StreamTable;
  readonly closings: (Error | undefined)[];
}

let sandbox: Side;
let runner: Side;

beforeEach(() => {
  const [near, far] = duplexPair();
  sandbox = side(near, 'sandbox');
  runner = side(far, 'runner');
});

function side(stream: ReturnType<typeof duplexPair>[0], name: 'sandbox' | 'runner'): Side {
  const closings: (Error | undefined)[] = [];
  const pipe: FramedPipe = new FramedPipe({
    stream,
    maxIncomingBytes: 2_000_000,
    onFrame: (type, id, payload) => void table.handleFrame(type, id, payload),
    onClose: (error) => closings.push(error),
  });
  const table = new StreamTable({ pipe, side: name });
  return { pipe, table, closings };
}

interface Ends {
  readonly near: PipeChannel;
  readonly nearHeard: Heard;
  readonly far: PipeChannel;
  readonly farHeard: Heard;
}

function open(kind: 'fetch' | 'websocket'): Ends {
  const near = sandbox.table.openChannel(kind);
  if (near === undefined) throw new Error('no channel');
  const far = runner.table.acceptChannel(near.id, kind);
  const nearHeard = new Heard();
  const farHeard = new Heard();
  near.handler = nearHeard;
  far.handler = farHeard;
  return { near, nearHeard, far, farHeard };
}

const heard = (what: Heard, events: readonly string[]): Promise<void> =>
  until(
    () => what.events.length >= events.length,
    () => `${events.join()}; heard ${what.events.join()}`,
  ).then(() => expect(what.events).toEqual(events));

describe('a channel', () => {
  test('carries messages and data both ways, and is over when both have ended', async () => {
    const { near, nearHeard, far, farHeard } = open('fetch');
    near.send(Buffer.from('question'));
    near.end('q');
    far.message('{"status":200}');
    far.send(Buffer.from('answer'));
    far.end();
    await heard(nearHeard, ['message {"status":200}', 'end ']);
    await heard(farHeard, ['end q']);
    expect(Buffer.concat(farHeard.pieces as Buffer[]).toString()).toBe('question');
    expect(Buffer.concat(nearHeard.pieces as Buffer[]).toString()).toBe('answer');
    expect([sandbox.table.size, runner.table.size]).toEqual([0, 0]);
  });

  test('that one side breaks is over for both', async () => {
    const { near, nearHeard, far, farHeard } = open('fetch');
    far.fail('no such host');
    await heard(nearHeard, ['error no such host']);
    near.send(Buffer.from('late'));
    near.fail('reset');
    expect(farHeard.events).toEqual([]);
    expect([sandbox.table.size, runner.table.size]).toEqual([0, 0]);
  });

  test('breaks with the pipe', async () => {
    const { nearHeard } = open('fetch');
    sandbox.table.abortAll();
    await heard(nearHeard, ['error The process at the other end has gone']);
  });

  test('sends no more than a window of bytes before they are taken', async () => {
    const { near, nearHeard, far, farHeard } = open('fetch');
    near.send(Buffer.alloc(streamWindowBytes * 2));
    near.end();
    await until(
      () => farHeard.length === streamWindowBytes,
      () => `${farHeard.length} bytes`,
    );
    expect(nearHeard.sentBytes).toBe(streamWindowBytes);
    expect(farHeard.events).toEqual([]);
    far.grant(streamWindowBytes);
    await heard(farHeard, ['end ']);
    expect(farHeard.length).toBe(streamWindowBytes * 2);
  });

  test('of messages keeps them whole, in order, text as text', async () => {
    const { near, far, farHeard } = open('websocket');
    const large = Buffer.alloc(streamWindowBytes + 10, 7);
    near.send('');
    near.send('grüße');
    near.send(large);
    near.send('after the window');
    near.send(Buffer.alloc(0));
    await until(
      () => farHeard.pieces.length === 3,
      () => `${farHeard.pieces.length} messages`,
    );
    far.grant(streamWindowBytes);
    await until(
      () => farHeard.pieces.length === 5,
      () => `${farHeard.pieces.length} messages`,
    );
    expect(farHeard.pieces).toEqual(['', 'grüße', large, 'after the window', Buffer.alloc(0)]);
  });
});

describe('a peer is cut off when it', () => {
  const attacks: readonly (readonly [string, 'fetch' | 'websocket', (id: number) => void])[] = [
    [
      'sends more bytes than the window',
      'fetch',
      (id) => say(frameTypes.streamData, id, Buffer.alloc(streamWindowBytes + 1)),
    ],
    [
      'floods with empty messages',
      'websocket',
      (id) => {
        for (let i = 0; i < 5_000; i += 1) say(frameTypes.channelText, id, '');
      },
    ],
    [
      'gives credit it cannot owe',
      'fetch',
      (id) => say(frameTypes.streamCredit, id, '{"bytes":1}'),
    ],
    ['answers like a forwarded request', 'fetch', (id) => say(frameTypes.responseHead, id, '{}')],
    ['opens a channel twice', 'fetch', (id) => void runner.table.acceptChannel(id, 'fetch')],
    [
      'opens a channel with an even number',
      'fetch',
      () => void runner.table.acceptChannel(2, 'fetch'),
    ],
  ];

  function say(type: FrameType, id: number, payload: Uint8Array | string): void {
    runner.table.handleFrame(type, id, Buffer.from(payload));
  }

  test.each(attacks)('%s', (_, kind, attack) => {
    const { far } = open(kind);
    expect(() => attack(far.id)).toThrow(ProtocolError);
  });

  test('speaks of a channel in a stream of a forwarded request', () => {
    const { id } = runner.table.accept(99, new HeardStream(), { hasBody: true });
    expect(() => say(frameTypes.channelMessage, id, 'x')).toThrow(ProtocolError);
  });
});

class HeardStream {
  readonly data = (): void => undefined;
  readonly end = (): void => undefined;
  readonly reset = (): void => undefined;
  readonly sent = (): void => undefined;
  readonly response = (): void => undefined;
  readonly failure = (): void => undefined;
  readonly clientGone = (): void => undefined;
}
