import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type Clock, type Logger } from '@openworkers/core';
import {
  encodeJsonAndText,
  FramedPipe,
  frameTypes,
  maxFrameBytes,
  ProtocolError,
  readSandboxMessage,
  StreamTable,
  type BootMessage,
  type ChannelQuestion,
  type ForwardedHead,
  type HandoverHint,
  type Invalidation,
  type PipeChannel,
  type PipeStream,
  type Refusal,
  type RouteAnswer,
  type SandboxExit,
  type SandboxMessage,
  type SandboxProcess,
  type StreamHandler,
} from '@openworkers/sandbox';
import type { RelayTarget } from './forward-relay.ts';
import { Grants, type Grant } from './grants.ts';
import { HandleRegistry, type Instance } from './handle-registry.ts';
import { Heartbeat } from './heartbeat.ts';
import type { SocketTarget } from './socket-handover.ts';
import type { VersionWithCode } from './answer-desk.ts';

export interface SandboxLinkOptions {
  readonly process: SandboxProcess;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who deals with what a sandbox says. */
export interface SandboxOwner {
  /** Throwing a ProtocolError ends the sandbox. */
  onMessage(link: SandboxLink, message: SandboxMessage): void;
  onGone(link: SandboxLink, exit: SandboxExit): void;
}

const noBytes = Buffer.alloc(0);
const zeroByte = Buffer.alloc(1);
const maxOpenQuestions = 5_000;
const lastWordsMs = 200;

/**
 * The runner's end of one sandbox: its process, the private pipe, and all that it was told. Nothing
 * it says is believed beyond that, and everything is forgotten when it dies.
 */
export class SandboxLink implements SocketTarget, RelayTarget {
  readonly grants = new Grants();
  readonly handles: HandleRegistry;
  readonly #process: SandboxProcess;
  readonly #log: Logger;
  readonly #pipe: FramedPipe;
  readonly #streams: StreamTable;
  readonly #closed = Promise.withResolvers<void>();
  readonly #waitingVersions: { id: number; version: VersionWithCode }[] = [];
  /** Handles that the sandbox last named as running for longer than a tick. */
  #running: readonly string[] = [];
  #owner: SandboxOwner | undefined;
  #onReady: (() => void) | undefined;
  #onDrained: (() => void) | undefined;
  #openQuestions = 0;
  readonly #heartbeat: Heartbeat;
  #isStopping = false;
  #isGone = false;

  constructor({ process, clock, log }: SandboxLinkOptions) {
    this.#process = process;
    this.#log = log.child({ sandboxPid: process.pid });
    this.handles = new HandleRegistry(clock);
    this.#pipe = new FramedPipe({
      stream: process.stream,
      maxIncomingBytes: maxFrameBytes.fromSandbox,
      onFrame: (type, id, payload) => this.#onFrame(type, id, payload),
      onClose: (error) => this.#onPipeClosed(error),
      onDrain: () => this.#sendWaitingVersions(),
    });
    this.#streams = new StreamTable({ pipe: this.#pipe, side: 'runner' });
    this.#heartbeat = new Heartbeat({
      ask: () => this.#pipe.send(frameTypes.ping, 0),
      onSilent: () => this.#onSilent(),
    });
    void this.#watch();
  }

  get pid(): number {
    return this.#process.pid;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether its end was this side's decision, and says nothing about what it ran. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Forwarded requests in progress, from here and to here. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** What has been running for longer than a tick. */
  get runningInstances(): Instance[] {
    return this.#running.flatMap((handle) => this.handles.find(handle) ?? []);
  }

  /**
   * Gives the process its role and waits until it is ready.
   *
   * @throws AppError `internal` when it dies before that or takes longer than `timeoutMs`; the
   * process is killed then
   */
  boot(
    message: BootMessage,
    { script, owner, timeoutMs }: { script: string; owner: SandboxOwner; timeoutMs: number },
  ): Promise<void> {
    this.#owner = owner;
    return new Promise((resolve, reject) => {
      const fail = (text: string): void => {
        if (this.#onReady === undefined) return;
        this.#onReady = undefined;
        clearTimeout(timer);
        this.stop();
        reject(new AppError('internal', text));
      };
      const timer = setTimeout(() => fail('the sandbox did not become ready in time'), timeoutMs);
      this.#onReady = () => {
        this.#onReady = undefined;
        clearTimeout(timer);
        this.#heartbeat.start();
        resolve();
      };
      void this.#process.exited.then(() => fail('the sandbox ended before it was ready'));
      this.#pipe.send(frameTypes.boot, 0, encodeJsonAndText(message, script));
    });
  }

  sendSocket(socketId: number, socket: Socket, hint?: HandoverHint): void {
    const onSent = (error: Error | null): void => {
      // Its end is noticed elsewhere, and the connection moves on then.
      if (error !== null) this.#log.debug({ socketId, err: error }, 'socket not handed over');
    };
    this.#process.handOver(socketId, socket, onSent, hint);
  }

  openIncoming(head: ForwardedHead, handler: StreamHandler): PipeStream | undefined {
    if (this.#isGone) return undefined;
    const stream = this.#streams.open(handler, { hasBody: head.hasBody });
    if (stream !== undefined) this.#pipe.sendJson(frameTypes.incoming, stream.id, head);
    return stream;
  }

  /**
   * Takes the stream of a `forward` message.
   *
   * @throws ProtocolError when its number cannot be used
   */
  acceptForward(id: number, handler: StreamHandler, options: { hasBody: boolean }): PipeStream {
    return this.#streams.accept(id, handler, options);
  }

  /**
   * Takes the channel of an `openChannel` message.
   *
   * @throws ProtocolError when its number cannot be used
   */
  acceptChannel(id: number, kind: ChannelQuestion['kind']): PipeChannel {
    return this.#streams.acceptChannel(id, kind);
  }

  /** Lets the sandbox ask for a version although it was told no route to it. */
  grant(grant: Grant): void {
    this.grants.add(grant);
  }

  /** Answers a question when `answer` settles; one that never settles counts for ever. */
  answerWith(answer: Promise<() => void>): void {
    this.#openQuestions += 1;
    if (this.#openQuestions > maxOpenQuestions) throw new ProtocolError('too many questions');
    void answer.then((send) => {
      this.#openQuestions -= 1;
      send();
    });
  }

  sendRoute(id: number, answer: RouteAnswer): void {
    this.#pipe.sendJson(frameTypes.route, id, answer);
  }

  /** Code can be megabytes: it waits while the sandbox has much to read already. */
  sendVersion(id: number, version: VersionWithCode): void {
    this.#waitingVersions.push({ id, version });
    this.#sendWaitingVersions();
  }

  sendRefusal(id: number, refusal: Refusal): void {
    this.#pipe.sendJson(frameTypes.refusal, id, refusal);
  }

  invalidate(invalidation: Invalidation): void {
    this.#pipe.sendJson(frameTypes.invalidate, 0, invalidation);
  }

  /** Has it finish what it runs and close WebSockets, without waiting for that. */
  beginDrain(): void {
    this.#pipe.send(frameTypes.drain, 0, noBytes);
  }

  /** Lets running work finish and stops the process: at the latest after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.stop();
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      this.#onDrained = end;
      void this.#process.exited.then(end);
      this.beginDrain();
    });
  }

  /** Ends the process at once, as a decision of this side. */
  stop(): void {
    this.#isStopping = true;
    this.#process.kill();
  }

  /** The workers to look at when the process ended by itself: seen running, or else just started. */
  suspects({ max, withinMs }: { max: number; withinMs: number }): Instance[] {
    const running = this.runningInstances;
    const instances = running.length > 0 ? running : this.handles.recent(withinMs);
    const byWorker = new Map(instances.map((instance) => [instance.workerId, instance]));
    return [...byWorker.values()].slice(0, max);
  }

  #onFrame(type: number, id: number, payload: Buffer): void {
    this.#heartbeat.heard();
    if (this.#streams.handleFrame(type, id, payload)) return;
    const message = readSandboxMessage(type, id, payload);
    if (message.kind === 'ready') this.#onReady?.();
    else if (message.kind === 'drained') this.#onDrained?.();
    else if (message.kind === 'running') this.#running = message.handles;
    else this.#owner?.onMessage(this, message);
  }

  #sendWaitingVersions(): void {
    while (!this.#pipe.isCongested) {
      const next = this.#waitingVersions.shift();
      if (next === undefined) return;
      const { answer, code } = next.version;
      const json = Buffer.from(JSON.stringify(answer));
      this.#pipe.send(frameTypes.version, next.id, Buffer.concat([json, zeroByte, code]));
    }
  }

  /** It hangs: what it runs is to blame, as at any other death. */
  #onSilent(): void {
    this.#log.error('a sandbox gives no sign of life');
    this.#process.kill();
  }

  #onPipeClosed(error: Error | undefined): void {
    if (error !== undefined) this.#log.error({ err: error }, 'private pipe of a sandbox failed');
    this.#closed.resolve();
    this.#process.kill();
  }

  async #watch(): Promise<void> {
    const exit = await this.#process.exited;
    this.#heartbeat.stop();
    // What it said last is still in the pipe: above all, what it was running.
    await Promise.race([this.#closed.promise, delay(lastWordsMs)]);
    this.#isGone = true;
    this.#pipe.close();
    this.#owner?.onGone(this, exit);
    this.#streams.abortAll();
  }
}
