import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createLogger } from '@openworkers/core';
import { defaultTenantLimits } from '@openworkers/core/limits';
import type { VersionKey } from '../engine/worker-engine.ts';
import { visitConnectionChanges } from '../protocol/connection-changes.ts';
import { FramedPipe, maxFrameBytes } from '../protocol/framed-pipe.ts';
import { encodeJsonAndText } from '../protocol/json-and-text.ts';
import {
  connectionStates,
  frameTypes,
  type BootMessage,
  type ForwardQuestion,
  type SandboxRecord,
  type VersionAnswer,
  type WorkerRoute,
  type RouteQuestion,
} from '../protocol/messages.ts';
import type { PipeStream, StreamHandler } from '../protocol/pipe-stream.ts';
import { readSandboxMessage } from '../protocol/read-sandbox-message.ts';
import { StreamTable } from '../protocol/stream-table.ts';
import { spawnSandbox, type SandboxProcess } from '../spawn.ts';
import { testBoot, workerRoute } from './in-process-sandbox.ts';
import { until } from './until.ts';

/** A request that the sandbox wants run elsewhere; the test answers it when it likes. */
export interface ForwardedToPeer {
  readonly question: ForwardQuestion;
  readonly stream: PipeStream;
  readonly received: Uint8Array[];
  isBodyComplete: boolean;
  isClientGone: boolean;
}

interface PeerConnection {
  readonly socket: Socket;
  owner: PeerSandbox | undefined;
  isBusy: boolean;
}

/** One real sandbox process, and what it says. */
export class PeerSandbox {
  readonly process: SandboxProcess;
  readonly pipe: FramedPipe;
  readonly streams: StreamTable;
  isReady = false;
  isDrained = false;

  constructor(process: SandboxProcess, peer: ProcessPeer) {
    this.process = process;
    this.pipe = new FramedPipe({
      stream: process.stream,
      maxIncomingBytes: maxFrameBytes.fromSandbox,
      onFrame: (type, id, payload) => {
        if (!this.streams.handleFrame(type, id, payload)) peer.onFrame(this, type, id, payload);
      },
      onClose: () => this.streams.abortAll(),
    });
    this.streams = new StreamTable({ pipe: this.pipe, side: 'runner' });
  }
}

/** A small runner: a listener, sandbox processes that replace each other, and connections between. */
export class ProcessPeer {
  readonly forwarded: ForwardedToPeer[] = [];
  readonly records: SandboxRecord[] = [];
  /** Code by name: `<name>.localhost` runs in the sandbox; all other hosts are forwarded here. */
  readonly workers: Readonly<Record<string, string>>;
  readonly #runtimeScript: string;
  /** What the sandboxes have printed. */
  readonly output: string[] = [];
  readonly #connections = new Map<number, PeerConnection>();
  readonly #sandboxes: PeerSandbox[] = [];
  readonly #server: Server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
    this.#accept(socket),
  );
  #current: PeerSandbox | undefined;
  #lastSocketId = 0;

  /** @param runtime needed only when workers run in the sandbox */
  constructor(runtime?: { script: string; workers: Readonly<Record<string, string>> }) {
    this.#runtimeScript = runtime?.script ?? '';
    this.workers = runtime?.workers ?? {};
  }

  /** Starts a sandbox and the listener; answers the port. */
  async start(user?: { uid: number; gid: number }): Promise<number> {
    await this.startSandbox(user);
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    // A listening TCP server has an address with a port.
    return (this.#server.address() as AddressInfo).port;
  }

  get current(): PeerSandbox {
    if (this.#current === undefined) throw new Error('no sandbox runs');
    return this.#current;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  get busyCount(): number {
    return [...this.#connections.values()].filter(({ isBusy }) => isBusy).length;
  }

  /** Starts a sandbox that takes over from the current one, and answers the old one. */
  async startSandbox(user?: { uid: number; gid: number }): Promise<PeerSandbox | undefined> {
    const log = createLogger({
      role: 'test',
      destination: { write: (line) => void this.output.push(line) },
    });
    const process = await spawnSandbox({ log, ...(user === undefined ? {} : { user }) });
    const sandbox = new PeerSandbox(process, this);
    this.#sandboxes.push(sandbox);
    const boot: BootMessage = { ...testBoot, spareIsolates: 0 };
    sandbox.pipe.send(frameTypes.boot, 0, encodeJsonAndText(boot, this.#runtimeScript));
    await until(
      () => sandbox.isReady,
      () => `the sandbox to be ready; it printed:\n${this.output.join('')}`,
      60_000,
    );
    const old = this.#current;
    this.#current = sandbox;
    void process.exited.then(() => this.#onExit(sandbox));
    for (const [id, connection] of this.#connections) {
      if (connection.owner === undefined) this.#hand(id, connection);
    }
    return old;
  }

  onFrame(sandbox: PeerSandbox, type: number, id: number, payload: Buffer): void {
    const message = readSandboxMessage(type, id, payload);
    switch (message.kind) {
      case 'ready':
        sandbox.isReady = true;
        return;
      case 'drained':
        sandbox.isDrained = true;
        return;
      case 'connections':
        return visitConnectionChanges(message.changes, (socketId, state) => {
          this.#onChange(sandbox, socketId, state);
        });
      case 'askRoute':
        sandbox.pipe.sendJson(frameTypes.route, id, this.#routeOf(hostOf(message.question)));
        return;
      case 'askVersion':
        this.#answerVersion(sandbox, id, message.key);
        return;
      case 'records':
        this.records.push(...message.records);
        return;
      case 'forward':
        this.#onForward(sandbox, id, message.question);
        return;
      default:
    }
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const { socket } of this.#connections.values()) socket.destroy();
    for (const { process } of this.#sandboxes) process.kill();
    await Promise.all(this.#sandboxes.map(({ process }) => process.exited));
  }

  #routeOf(host: string): WorkerRoute {
    const index = Object.keys(this.workers).indexOf(host.replace(/\.localhost$/, ''));
    if (index < 0) return workerRoute(1000, { placement: 'elsewhere' });
    return workerRoute(index);
  }

  #answerVersion(sandbox: PeerSandbox, id: number, key: VersionKey): void {
    const [name = '', code = ''] =
      Object.entries(this.workers)[Number(key.workerId.slice(-12))] ?? [];
    const answer: VersionAnswer = {
      handle: `handle-of-${name}`,
      key,
      workerName: name,
      env: [],
      limits: defaultTenantLimits(),
    };
    sandbox.pipe.send(frameTypes.version, id, encodeJsonAndText(answer, code));
  }

  #accept(socket: Socket): void {
    this.#lastSocketId += 1;
    const id = this.#lastSocketId;
    const connection: PeerConnection = { socket, owner: undefined, isBusy: false };
    this.#connections.set(id, connection);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#connections.delete(id));
    this.#hand(id, connection);
  }

  #hand(id: number, connection: PeerConnection): void {
    connection.owner = this.#current;
    this.#current?.process.handOver(id, connection.socket, () => undefined);
  }

  #onChange(sandbox: PeerSandbox, socketId: number, state: number): void {
    const connection = this.#connections.get(socketId);
    if (connection === undefined || connection.owner !== sandbox) {
      if (state === connectionStates.closed) return;
      throw new Error(`sandbox speaks of connection ${socketId}, which it does not have`);
    }
    connection.isBusy = state === connectionStates.busy;
    if (state === connectionStates.closed) connection.socket.destroy();
    if (state === connectionStates.released) this.#hand(socketId, connection);
  }

  /** Idle connections wait for the next sandbox; busy ones end with this one. */
  #onExit(sandbox: PeerSandbox): void {
    if (this.#current === sandbox) this.#current = undefined;
    for (const [id, connection] of this.#connections) {
      if (connection.owner !== sandbox) continue;
      connection.owner = undefined;
      if (connection.isBusy) connection.socket.resetAndDestroy();
      else if (this.#current !== undefined) this.#hand(id, connection);
    }
  }

  #onForward(sandbox: PeerSandbox, id: number, question: ForwardQuestion): void {
    const received: Uint8Array[] = [];
    const handler: StreamHandler = {
      data: (bytes) => {
        received.push(bytes);
        forwarded.stream.grant(bytes.length);
      },
      end: () => {
        forwarded.isBodyComplete = true;
      },
      clientGone: () => {
        forwarded.isClientGone = true;
      },
      reset: () => undefined,
      sent: () => undefined,
      response: () => undefined,
      failure: () => undefined,
    };
    const stream = sandbox.streams.accept(id, handler, { hasBody: question.hasBody });
    const forwarded: ForwardedToPeer = {
      question,
      stream,
      received,
      isBodyComplete: !question.hasBody,
      isClientGone: false,
    };
    this.forwarded.push(forwarded);
  }
}

/** Answers a forwarded request with a text. */
export function answerForwarded({ stream }: ForwardedToPeer, text: string): void {
  stream.respond({ status: 200, headers: `content-length\n${text.length}`, hasBody: true });
  stream.send(Buffer.from(text));
  stream.end();
}

/** Workers of these tests have no bindings. */
function hostOf(question: RouteQuestion): string {
  if ('host' in question) return question.host;
  throw new Error('no binding leads anywhere here');
}
