import { duplexPair } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { FramedPipe } from './framed-pipe.ts';
import { frameTypes } from './messages.ts';
import { streamWindowBytes, type PipeStream, type StreamHandler } from './pipe-stream.ts';
import { ProtocolError } from './protocol-error.ts';
import { StreamTable } from './stream-table.ts';

class Heard implements StreamHandler {
  readonly events: string[] = [];
  readonly pieces: Uint8Array[] = [];
  sentBytes = 0;

  get bytes(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  data(bytes: Uint8Array): void {
    this.pieces.push(bytes);
  }

  end(): void {
    this.events.push('end');
  }

  reset(reason: string): void {
    this.events.push(`reset ${reason}`);
  }

  sent(bytes: number): void {
    this.sentBytes += bytes;
  }

  response({ status, hasBody }: { status: number; hasBody: boolean }): void {
    this.events.push(`response ${status} ${hasBody}`);
  }

  failure({ reason }: { reason: string }): void {
    this.events.push(`failure ${reason}`);
  }

  clientGone(): void {
    this.events.push('clientGone');
  }
}

let origin: { pipe: FramedPipe; table: StreamTable; closings: (Error | undefined)[] };
let executor: { pipe: FramedPipe; table: StreamTable; closings: (Error | undefined)[] };

beforeEach(() => {
  const [near, far] = duplexPair();
  origin = side(near, 'sandbox');
  executor = side(far, 'runner');
});

function side(stream: ReturnType<typeof duplexPair>[0], name: 'sandbox' | 'runner'): typeof origin {
  const closings: (Error | undefined)[] = [];
  const pipe: FramedPipe = new FramedPipe({
    stream,
    maxIncomingBytes: 1_000_000,
    onFrame: (type, id, payload) => void table.handleFrame(type, id, payload),
    onClose: (error) => closings.push(error),
  });
  const table = new StreamTable({ pipe, side: name });
  return { pipe, table, closings };
}

interface Exchange {
  readonly client: PipeStream;
  readonly clientHeard: Heard;
  readonly worker: PipeStream;
  readonly workerHeard: Heard;
}

function open(hasBody: boolean): Exchange {
  const clientHeard = new Heard();
  const workerHeard = new Heard();
  const client = origin.table.open(clientHeard, { hasBody });
  if (client === undefined) throw new Error('no stream');
  const worker = executor.table.accept(client.id, workerHeard, { hasBody });
  return { client, clientHeard, worker, workerHeard };
}

async function settles(condition: () => boolean): Promise<void> {
  await until(condition, () => 'the other side to hear of it');
}

describe('a forwarded request', () => {
  test('carries a body there and a body back, and is over on both sides', async () => {
    const { client, clientHeard, worker, workerHeard } = open(true);
    client.send(Buffer.from('ping'));
    client.end();
    await settles(() => workerHeard.events.includes('end'));
    expect(Buffer.concat(workerHeard.pieces).toString()).toBe('ping');
    worker.respond({ status: 201, headers: '', hasBody: true });
    worker.send(Buffer.from('pong'));
    worker.end();
    await settles(() => clientHeard.events.includes('end'));
    expect(clientHeard.events).toEqual(['response 201 true', 'end']);
    expect(Buffer.concat(clientHeard.pieces).toString()).toBe('pong');
    expect([client.isOver, worker.isOver]).toEqual([true, true]);
    expect([origin.table.size, executor.table.size]).toEqual([0, 0]);
  });

  test('sends one window ahead and goes on as the other side takes', async () => {
    const { client, worker, workerHeard, clientHeard } = open(true);
    const size = streamWindowBytes * 3 + 17;
    client.send(Buffer.alloc(size));
    client.end();
    await settles(() => workerHeard.bytes === streamWindowBytes);
    expect(clientHeard.sentBytes).toBe(streamWindowBytes);
    let granted = 0;
    while (granted < size) {
      const arrived = workerHeard.bytes - granted;
      worker.grant(arrived);
      granted += arrived;
      const target = Math.min(granted + streamWindowBytes, size);
      await settles(() => workerHeard.bytes >= Math.min(target, granted + 1));
    }
    await settles(() => workerHeard.events.includes('end'));
    expect(workerHeard.bytes).toBe(size);
    expect(clientHeard.sentBytes).toBe(size);
  });

  test('that exceeds its window ends the pipe', async () => {
    const { client } = open(true);
    for (let sent = 0; sent <= streamWindowBytes; sent += 64 * 1024) {
      origin.pipe.send(frameTypes.streamData, client.id, Buffer.alloc(64 * 1024));
    }
    await settles(() => executor.closings.length > 0);
    expect(executor.closings[0]).toBeInstanceOf(ProtocolError);
  });

  test('that is given credit it never spent ends the pipe', async () => {
    const { worker } = open(true);
    executor.pipe.sendJson(frameTypes.streamCredit, worker.id, { bytes: 1 });
    await settles(() => origin.closings.length > 0);
    expect(origin.closings[0]).toBeInstanceOf(ProtocolError);
  });

  test('may be left by its client', async () => {
    const { client, worker, workerHeard } = open(false);
    client.leave();
    await settles(() => workerHeard.events.length > 0);
    expect(workerHeard.events).toEqual(['clientGone']);
    // What crosses on the way is dropped.
    worker.respond({ status: 200, headers: '', hasBody: false });
    client.grant(1);
    expect([origin.closings, executor.closings]).toEqual([[], []]);
  });

  test('may break off in either direction', async () => {
    const upload = open(true);
    upload.client.reset('too_large');
    await settles(() => upload.workerHeard.events.length > 0);
    expect(upload.workerHeard.events).toEqual(['reset too_large']);
    upload.worker.respond({ status: 200, headers: '', hasBody: true });
    upload.worker.reset('aborted');
    await settles(() => upload.clientHeard.events.length === 2);
    expect(upload.clientHeard.events).toEqual(['response 200 true', 'reset aborted']);
    expect(upload.client.isOver).toBe(true);
  });

  test('may refuse the rest of its body and still answer', async () => {
    const { client, clientHeard, worker } = open(true);
    worker.refuseRest();
    await settles(() => clientHeard.events.length > 0);
    client.send(Buffer.from('ignored'));
    worker.respond({ status: 200, headers: '', hasBody: false });
    await settles(() => client.isOver);
    expect(clientHeard.events).toEqual(['reset unwanted', 'response 200 false']);
  });

  test('may fail instead of answering, but not after', async () => {
    const failing = open(false);
    failing.worker.fail({ reason: 'CpuTimeLimit' });
    await settles(() => failing.client.isOver);
    expect(failing.clientHeard.events).toEqual(['failure CpuTimeLimit']);
    const answered = open(false);
    answered.worker.respond({ status: 200, headers: '', hasBody: true });
    executor.pipe.sendJson(frameTypes.responseFail, answered.worker.id, { reason: 'Exception' });
    await settles(() => origin.closings.length > 0);
    expect(origin.closings[0]).toBeInstanceOf(ProtocolError);
  });

  test.each([
    ['a status that is none', frameTypes.responseHead, { status: 99, headers: '', hasBody: false }],
    ['an unknown failure', frameTypes.responseFail, { reason: 'x' }],
    ['an unknown reset', frameTypes.streamReset, { reason: 'x' }],
    ['credit of nothing', frameTypes.streamCredit, { bytes: 0 }],
    ['a client that is the other side', frameTypes.clientGone, {}],
  ])('with %s ends the pipe', async (_name, type, value) => {
    const { worker } = open(false);
    executor.pipe.sendJson(type, worker.id, value);
    await settles(() => origin.closings.length > 0);
    expect(origin.closings[0]).toBeInstanceOf(ProtocolError);
  });

  test('ends on both sides when the pipe does', () => {
    const waiting = open(false);
    const streaming = open(false);
    streaming.client.receiveResponse({ status: 200, headers: '', hasBody: true });
    origin.table.abortAll();
    executor.table.abortAll();
    expect(waiting.clientHeard.events).toEqual(['failure SandboxLost']);
    expect(streaming.clientHeard.events).toEqual(['response 200 true', 'reset aborted']);
    expect(waiting.workerHeard.events).toEqual(['clientGone']);
    expect(origin.table.size).toBe(0);
  });
});

test('each side opens only its own stream numbers', () => {
  const heard = new Heard();
  expect(origin.table.open(heard, { hasBody: false })?.id).toBe(1);
  expect(origin.table.open(heard, { hasBody: false })?.id).toBe(3);
  expect(executor.table.open(heard, { hasBody: false })?.id).toBe(2);
  for (const id of [0, 2, 4]) {
    expect(() => executor.table.accept(id, heard, { hasBody: false })).toThrow(ProtocolError);
  }
  executor.table.accept(5, heard, { hasBody: false });
  expect(() => executor.table.accept(5, heard, { hasBody: false })).toThrow(ProtocolError);
});

test('frames about streams that are over are dropped, all others are not ours', () => {
  expect(origin.table.handleFrame(frameTypes.streamData, 99, Buffer.alloc(1))).toBe(true);
  expect(origin.table.handleFrame(frameTypes.route, 99, Buffer.alloc(1))).toBe(false);
});
