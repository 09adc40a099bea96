import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultTenantLimits } from '@openworkers/core';
import {
  FramedPipe,
  frameTypes,
  maxFrameBytes,
  StreamTable,
  streamWindowBytes,
  type ForwardedHead,
  type ForwardedResponse,
  type PipeStream,
  type StreamHandler,
} from '@openworkers/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ForwardRelay } from './forward-relay.ts';
import { until } from './testing/until.ts';

const head: ForwardedHead = {
  key: {
    workerId: '0d5a3c1e-8a8f-4a53-9d0f-a9f8b0f3a111',
    version: 1,
    environmentId: undefined,
    environmentRevision: 0,
  },
  requestId: 'r1',
  method: 'POST',
  url: 'http://hello.localhost/',
  headers: '',
  hasBody: true,
  isUpgrade: false,
  depth: 0,
  limits: defaultTenantLimits(),
};

/** Both ends of a private pipe over a real socket. */
interface Link {
  readonly sandboxPipe: FramedPipe;
  readonly sandbox: StreamTable;
  readonly runnerPipe: FramedPipe;
  readonly runner: StreamTable;
}

/** What one end of a stream heard. */
class Ear implements StreamHandler {
  stream: PipeStream | undefined;
  received = 0;
  isEnded = false;
  isClientGone = false;
  heads: ForwardedResponse[] = [];
  failures: string[] = [];
  resets: string[] = [];
  sentBytes = 0;

  readonly data = (bytes: Uint8Array): void => void (this.received += bytes.length);
  readonly end = (): void => void (this.isEnded = true);
  readonly reset = (reason: string): void => void this.resets.push(reason);
  readonly sent = (bytes: number): void => void (this.sentBytes += bytes);
  readonly response = (response: ForwardedResponse): void => void this.heads.push(response);
  readonly failure = ({ reason }: { reason: string }): void => void this.failures.push(reason);
  readonly clientGone = (): void => void (this.isClientGone = true);
}

let folder: string;
let client: Link;
let worker: Link;
let atClient: Ear;
let atWorker: Ear;
let relay: ForwardRelay;
let over: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ow-relay-'));
  client = await openLink('client');
  worker = await openLink('worker');
  atClient = new Ear();
  atWorker = new Ear();
  over = 0;
});

afterEach(() => {
  for (const link of [client, worker]) {
    link.sandboxPipe.close();
    link.runnerPipe.close();
  }
  rmSync(folder, { recursive: true });
});

async function openLink(name: string): Promise<Link> {
  const path = join(folder, name);
  const server = createServer().listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  const sandbox = openEnd(near, 'sandbox');
  const runner = openEnd(far, 'runner');
  return {
    sandboxPipe: sandbox.pipe,
    sandbox: sandbox.table,
    runnerPipe: runner.pipe,
    runner: runner.table,
  };
}

function openEnd(
  stream: Socket,
  side: 'sandbox' | 'runner',
): { pipe: FramedPipe; table: StreamTable } {
  const pipe = new FramedPipe({
    stream,
    maxIncomingBytes: maxFrameBytes.fromRunner,
    onFrame: (type, id, payload) => {
      if (table.handleFrame(type, id, payload)) return;
      if (type === frameTypes.forward) {
        relay = new ForwardRelay(head);
        relay.attachClient(table.accept(id, relay.clientHandler, head));
      } else atWorker.stream = table.accept(id, atWorker, head);
    },
    onClose: () => table.abortAll(),
  });
  const table = new StreamTable({ pipe, side });
  return { pipe, table };
}

const when = (condition: () => boolean, what: string): Promise<void> =>
  until(condition, { timeoutMs: 5_000, what });

/** The client's sandbox hands the request on; the relay waits for a target. */
async function forward(): Promise<void> {
  atClient.stream = client.sandbox.open(atClient, { hasBody: true });
  client.sandboxPipe.sendJson(frameTypes.forward, atClient.stream?.id ?? 0, head);
  await when(() => client.runner.size === 1, 'the forward frame');
}

function start(): void {
  relay.start(
    {
      openIncoming: (incoming, handler) => {
        const stream = worker.runner.open(handler, incoming);
        worker.runnerPipe.sendJson(frameTypes.incoming, stream?.id ?? 0, incoming);
        return stream;
      },
    },
    () => (over += 1),
  );
}

async function forwardAndStart(): Promise<void> {
  await forward();
  start();
  await when(() => atWorker.stream !== undefined, 'the incoming frame');
}

const everythingIsOver = (): Promise<void> =>
  when(
    () => client.sandbox.size + client.runner.size + worker.sandbox.size + worker.runner.size === 0,
    'no stream left at any end',
  );

test('request and response bodies stream both ways, as fast as each is taken and no faster', async () => {
  await forwardAndStart();
  const megabytes = 8;
  const piece = Buffer.alloc(1024 * 1024, 'x');
  for (let index = 0; index < megabytes; index += 1) atClient.stream?.send(piece);
  atClient.stream?.end();
  await when(() => atWorker.received === streamWindowBytes, 'a first window');
  // Nothing was taken yet: one window at the worker, one on the way, the rest stays with the sender.
  await when(() => atClient.sentBytes === 2 * streamWindowBytes, 'what may be under way');
  let granted = 0;
  await when(() => {
    const fresh = atWorker.received - granted;
    granted = atWorker.received;
    atWorker.stream?.grant(fresh);
    return atWorker.isEnded;
  }, 'the whole request');
  expect(atWorker.received).toBe(megabytes * piece.length);
  atWorker.stream?.respond({ status: 200, headers: 'a\nb', hasBody: true });
  atWorker.stream?.send(piece);
  atWorker.stream?.end();
  granted = 0;
  await when(() => {
    const fresh = atClient.received - granted;
    granted = atClient.received;
    atClient.stream?.grant(fresh);
    return atClient.isEnded;
  }, 'the whole response');
  expect(atClient.heads).toEqual([{ status: 200, headers: 'a\nb', hasBody: true }]);
  expect(atClient.received).toBe(piece.length);
  await everythingIsOver();
  expect(over).toBe(1);
});

test('what the client sends before there is a target follows in order', async () => {
  await forward();
  atClient.stream?.send(Buffer.from('hello'));
  atClient.stream?.end();
  await when(() => atClient.sentBytes === 5, 'sent early');
  start();
  await when(() => atWorker.isEnded, 'the request');
  expect(atWorker.received).toBe(5);
});

test('a client that goes is told to the worker, also when it went before the start', async () => {
  await forwardAndStart();
  atClient.stream?.leave();
  await when(() => atWorker.isClientGone, 'the worker hears of it');
  await everythingIsOver();
  expect(over).toBe(1);
  await forward();
  atClient.stream?.leave();
  await when(() => client.runner.size === 0, 'the client is gone');
  start();
  expect(over).toBe(2);
  expect(worker.runner.size).toBe(0);
});

test('when the worker’s sandbox dies, the client’s is told that it was lost', async () => {
  await forwardAndStart();
  worker.sandboxPipe.close();
  await when(() => atClient.failures.length > 0, 'the failure');
  expect(atClient.failures).toEqual(['SandboxLost']);
  await everythingIsOver();
  expect(over).toBe(1);
});

test('when it dies in the middle of a response, the response is cut', async () => {
  await forwardAndStart();
  atWorker.stream?.respond({ status: 200, headers: '', hasBody: true });
  atWorker.stream?.send(Buffer.from('half'));
  await when(() => atClient.received === 4, 'half a response');
  worker.sandboxPipe.close();
  await when(() => atClient.resets.length > 0, 'the cut');
  expect({ resets: atClient.resets, failures: atClient.failures }).toEqual({
    resets: ['aborted'],
    failures: [],
  });
  await everythingIsOver();
});

test('when the client’s sandbox dies, the worker hears that the client has gone', async () => {
  await forwardAndStart();
  client.sandboxPipe.close();
  await when(() => atWorker.isClientGone, 'the worker hears of it');
  await everythingIsOver();
});

test('a request body that breaks off, and one that is not wanted, are told to the other side', async () => {
  await forwardAndStart();
  atClient.stream?.reset('too_large');
  await when(() => atWorker.resets.length > 0, 'the reset');
  expect(atWorker.resets).toEqual(['too_large']);
  atWorker.stream?.fail({ reason: 'body_too_large' });
  await when(() => atClient.failures.length > 0, 'the failure');
  expect(atClient.failures).toEqual(['body_too_large']);
  await everythingIsOver();

  atWorker = new Ear();
  await forwardAndStart();
  atWorker.stream?.refuseRest();
  await when(() => atClient.resets.length > 0, 'the refusal');
  expect(atClient.resets).toEqual(['unwanted']);
  atWorker.stream?.respond({ status: 204, headers: '', hasBody: false });
  await when(() => atClient.heads.length > 0, 'the response');
  await everythingIsOver();
});

test('without a target the request fails at once', async () => {
  await forward();
  relay.fail('SandboxLost');
  await when(() => atClient.failures.length > 0, 'the failure');
  expect(atClient.failures).toEqual(['SandboxLost']);
});

test('a worker cannot switch a client to another protocol that did not ask for it', async () => {
  await forwardAndStart();
  atWorker.stream?.respond({ status: 101, headers: '', hasBody: true });
  atWorker.stream?.send(Buffer.from('HTTP/1.1 200 OK'));
  await when(() => atClient.failures.length > 0, 'the failure');
  expect({ failures: atClient.failures, received: atClient.received }).toEqual({
    failures: ['SandboxLost'],
    received: 0,
  });
  await everythingIsOver();
});
