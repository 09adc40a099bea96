import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import type { AppError } from '@openworkers/core/app-error';
import { defaultTenantLimits } from '@openworkers/core/limits';
import { visitConnectionChanges } from '../protocol/connection-changes.ts';
import { FramedPipe, maxFrameBytes } from '../protocol/framed-pipe.ts';
import {
  frameTypes,
  type BootMessage,
  type ForwardQuestion,
  type RouteAnswer,
  type SandboxRecord,
  type WorkerRoute,
  type RouteQuestion,
} from '../protocol/messages.ts';
import { readSandboxMessage } from '../protocol/read-sandbox-message.ts';
import { StreamTable } from '../protocol/stream-table.ts';
import type { PipeStream, StreamHandler } from '../protocol/pipe-stream.ts';
import { Sandbox, type SandboxTimeouts } from '../sandbox.ts';
import { FixtureEngine, type FixtureWorker } from './fixture-engine.ts';

export const testBoot: BootMessage = {
  role: 'shared',
  baseDomain: 'localhost',
  platformHost: 'localhost',
  publicScheme: 'http',
  trustedProxies: [],
  memoryBudgetBytes: 256 * 1024 * 1024,
  spareIsolates: 1,
};

/** So long that no test passes by them, except the one that is waited for. */
const testTimeouts: SandboxTimeouts = {
  tickMs: 25,
  headersMs: 60_000,
  bodyIdleMs: 60_000,
  keepAliveMs: 60_000,
  lingerMs: 500,
  writeIdleMs: 60_000,
};

export interface InProcessOptions {
  readonly boot?: Partial<BootMessage>;
  readonly timeouts?: Partial<SandboxTimeouts>;
}

/** The UUID of the worker with this number. */
export function workerId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function workerRoute(number: number, overrides: Partial<WorkerRoute> = {}): WorkerRoute {
  return {
    kind: 'worker',
    workerId: workerId(number),
    workerName: `worker-${number}`,
    tenantId: workerId(0),
    environmentId: undefined,
    environmentRevision: 1,
    serving: [{ version: 1, percent: 100 }],
    limits: defaultTenantLimits(),
    placement: 'here',
    ...overrides,
  };
}

/** A `Sandbox` in this process, with a listener that gives it connections and a peer for its pipe. */
export class InProcessSandbox {
  readonly engine = new FixtureEngine();
  readonly routes = new Map<string, RouteAnswer>();
  readonly records: SandboxRecord[] = [];
  /** Every host that was asked for, in order. */
  readonly asked: string[] = [];
  /** State changes as `id:state`, in order. */
  readonly changes: string[] = [];
  isDrained = false;
  /** What `askRoute` is refused with, while set. */
  refusal: AppError | undefined;
  /** What the next sockets are sent with. */
  hint: { mustSpeakWithinMs?: number } = {};
  /** Who gets the requests that are to run elsewhere. */
  onForward:
    | ((question: ForwardQuestion, accept: (handler: StreamHandler) => PipeStream) => void)
    | undefined;
  readonly sandbox: Sandbox;
  readonly peer: FramedPipe;
  readonly streams: StreamTable;
  readonly #server: Server;
  readonly #sandboxPipe: FramedPipe;
  #lastSocketId = 0;

  constructor({ boot, timeouts }: InProcessOptions = {}) {
    const [near, far] = duplexPair();
    this.peer = new FramedPipe({
      stream: near,
      maxIncomingBytes: maxFrameBytes.fromSandbox,
      onFrame: (type, id, payload) => this.#onFrame(type, id, payload),
      onClose: () => undefined,
    });
    this.streams = new StreamTable({ pipe: this.peer, side: 'runner' });
    this.#sandboxPipe = new FramedPipe({
      stream: far,
      maxIncomingBytes: maxFrameBytes.fromRunner,
      onFrame: (type, id, payload) => this.sandbox.handleFrame(type, id, payload),
      onClose: () => undefined,
    });
    this.sandbox = new Sandbox({
      boot: { ...testBoot, ...boot },
      pipe: this.#sandboxPipe,
      createEngine: () => this.engine,
      timeouts: { ...testTimeouts, ...timeouts },
    });
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Starts to listen and answers the port. */
  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        // A listening TCP server has an address with a port.
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Connections of which the runner was not told that they are closed. */
  get openConnections(): number {
    return this.#lastSocketId - this.changes.filter((change) => change.endsWith('closed')).length;
  }

  /** Makes `<name>.localhost` a worker of this process. */
  addWorker(name: string, worker: FixtureWorker, overrides: Partial<WorkerRoute> = {}): void {
    const number = this.routes.size + 1;
    const route = workerRoute(number, overrides);
    this.routes.set(`${name}.localhost`, route);
    this.engine.workers.set(route.workerId, worker);
  }

  async stop(): Promise<void> {
    this.sandbox.stop();
    this.peer.close();
    this.#sandboxPipe.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#lastSocketId += 1;
    this.sandbox.acceptSocket({ socketId: this.#lastSocketId, ...this.hint }, socket);
  }

  #onFrame(type: number, id: number, payload: Buffer): void {
    if (this.streams.handleFrame(type, id, payload)) return;
    const message = readSandboxMessage(type, id, payload);
    switch (message.kind) {
      case 'askRoute':
        return this.#answerRoute(message.id, hostOf(message.question));
      case 'connections':
        return visitConnectionChanges(message.changes, (socketId, state) => {
          this.changes.push(`${socketId}:${['idle', 'busy', 'closed', 'released'][state]}`);
        });
      case 'records':
        this.records.push(...message.records);
        return;
      case 'forward': {
        const { hasBody } = message.question;
        return this.onForward?.(message.question, (handler) =>
          this.streams.accept(message.id, handler, { hasBody }),
        );
      }
      case 'drained':
        this.isDrained = true;
        return;
      default:
        throw new Error(`unexpected ${message.kind}`);
    }
  }

  #answerRoute(id: number, host: string): void {
    this.asked.push(host);
    if (this.refusal !== undefined) {
      const { code, message } = this.refusal;
      this.peer.sendJson(frameTypes.refusal, id, { code, message });
      return;
    }
    const none: RouteAnswer = { kind: 'none', code: 'host_not_found' };
    this.peer.sendJson(frameTypes.route, id, this.routes.get(host) ?? none);
  }
}

/** Workers of these tests have no bindings. */
function hostOf(question: RouteQuestion): string {
  if ('host' in question) return question.host;
  throw new Error('no binding leads anywhere here');
}
