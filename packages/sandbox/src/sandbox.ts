import type { Socket } from 'node:net';
import { platformLimits, workerLimits } from '@openworkers/core/limits';
import { ChannelSwitch } from './channels/channel-switch.ts';
import { FetchOpener } from './channels/fetch/fetch-opener.ts';
import { PipeOpener } from './channels/pipe-opener.ts';
import { SocketOpener } from './channels/socket-opener.ts';
import type { ChannelOpener } from './engine/channels/channel-opener.ts';
import type {
  EngineEvents,
  LoadedVersion,
  LoadVersion,
  WorkerEngine,
} from './engine/worker-engine.ts';
import { ForwardDispatcher } from './forward/forwarded-fetch.ts';
import { runIncomingFetch } from './forward/incoming-fetch.ts';
import { TrustedProxies } from './http/client-address.ts';
import type { ConnectionTimeouts } from './http/client-connection.ts';
import { ConnectionReport } from './http/connection-report.ts';
import { ConnectionTable } from './http/connection-table.ts';
import { HttpFront } from './http/http-front.ts';
import { ResponseHeaderFilter } from './http/response-headers.ts';
import { TurnQueue } from './http/turn-queue.ts';
import type { FramedPipe } from './protocol/framed-pipe.ts';
import { decodeJsonAndText } from './protocol/json-and-text.ts';
import {
  frameTypes,
  type BootMessage,
  type ForwardedHead,
  type Invalidation,
  type RouteAnswer,
  type SocketMessage,
  type VersionAnswer,
} from './protocol/messages.ts';
import { ProtocolError } from './protocol/protocol-error.ts';
import { Questions } from './protocol/questions.ts';
import { StreamTable } from './protocol/stream-table.ts';
import { RecordBatch } from './record-batch.ts';
import { RequestRouter } from './routing/request-router.ts';
import { RouteCache } from './routing/route-cache.ts';
import { toRouteQuestion } from './routing/route-key.ts';

const answerTimeoutMs = 10_000;
const drainCheckMs = 20;

interface CreateEngineOptions {
  readonly loadVersion: LoadVersion;
  readonly events: EngineEvents;
  readonly channels: ChannelOpener;
}

/** Timeouts of connections; all in ms. Tests shorten them. */
export interface SandboxTimeouts {
  readonly tickMs: number;
  readonly headersMs: number;
  readonly bodyIdleMs: number;
  readonly keepAliveMs: number;
  readonly lingerMs: number;
  readonly writeIdleMs: number;
}

const defaultTimeouts: SandboxTimeouts = {
  tickMs: 1_000,
  headersMs: platformLimits.headersTimeoutMs.tenant,
  bodyIdleMs: platformLimits.bodyIdleMs.tenant,
  keepAliveMs: platformLimits.keepAliveMs.tenant,
  lingerMs: 5_000,
  writeIdleMs: workerLimits.idleMs.tenant,
};

export interface SandboxOptions {
  readonly boot: BootMessage;
  readonly pipe: FramedPipe;
  readonly createEngine: (options: CreateEngineOptions) => WorkerEngine;
  readonly timeouts?: SandboxTimeouts;
}

/** Everything in the sandbox process, put together. */
export class Sandbox {
  readonly #boot: BootMessage;
  readonly #pipe: FramedPipe;
  readonly #questions: Questions;
  readonly #streams: StreamTable;
  readonly #records: RecordBatch;
  readonly #routes: RouteCache;
  readonly #responseHeaders: ResponseHeaderFilter;
  readonly #engine: WorkerEngine;
  readonly #connections: ConnectionTable;
  readonly #report: ConnectionReport;
  readonly #front: HttpFront;
  #drainTimer: NodeJS.Timeout | undefined;

  constructor({ boot, pipe, createEngine, timeouts = defaultTimeouts }: SandboxOptions) {
    this.#pipe = pipe;
    this.#questions = new Questions({ pipe, timeoutMs: answerTimeoutMs });
    this.#streams = new StreamTable({ pipe, side: 'sandbox' });
    this.#records = new RecordBatch(pipe);
    this.#routes = new RouteCache({
      ask: (host) => this.#askRoute(host),
      now: () => performance.now(),
    });
    this.#boot = boot;
    this.#responseHeaders = new ResponseHeaderFilter({
      baseDomain: boot.baseDomain,
      maxCount: platformLimits.headerCount.tenant,
      maxBytes: platformLimits.headerBytes.tenant,
    });
    this.#engine = createEngine({
      loadVersion: (key) => this.#questions.ask(frameTypes.askVersion, key).then(readVersion),
      events: this.#engineEvents(),
      channels: this.#createChannels(),
    });
    this.#report = new ConnectionReport(pipe);
    const proxies = new TrustedProxies(boot.trustedProxies);
    this.#connections = new ConnectionTable({
      report: this.#report,
      turns: new TurnQueue(pipe, this.#report),
      isTrusted: (address) => proxies.has(address),
      tickMs: timeouts.tickMs,
      timeouts: inTicks(timeouts),
    });
    this.#front = this.#createFront(boot, proxies);
  }

  acceptSocket(message: SocketMessage, socket: Socket): void {
    this.#front.accept(message, socket);
  }

  /** Takes one frame of the runner, after `boot`. */
  handleFrame(type: number, id: number, payload: Buffer): void {
    if (this.#questions.handleFrame(type, id, payload)) return;
    if (this.#streams.handleFrame(type, id, payload)) return;
    switch (type) {
      case frameTypes.invalidate:
        // The sandbox trusts the runner.
        return this.#invalidate(JSON.parse(payload.toString('utf8')) as Invalidation);
      case frameTypes.incoming:
        // The sandbox trusts the runner.
        return runIncomingFetch(id, JSON.parse(payload.toString('utf8')) as ForwardedHead, {
          streams: this.#streams,
          engine: this.#engine,
          records: this.#records,
        });
      case frameTypes.ping:
        this.#pipe.send(frameTypes.alive, 0);
        return;
      case frameTypes.drain:
        return this.#drain();
      default:
        throw new ProtocolError(`the runner may not send frame type ${type}`);
    }
  }

  /** Closes everything at once. */
  stop(): void {
    clearInterval(this.#drainTimer);
    this.#connections.stop();
    this.#questions.stop();
    this.#streams.abortAll();
    this.#engine.dispose();
  }

  #createFront(boot: BootMessage, proxies: TrustedProxies): HttpFront {
    return new HttpFront({
      connections: this.#connections,
      maxHeaderBytes: platformLimits.headerBytes.tenant,
      context: {
        handler: new RequestRouter({
          boot,
          routes: this.#routes,
          here: this.#engine,
          elsewhere: new ForwardDispatcher(this.#pipe, this.#streams),
        }),
        responseHeaders: this.#responseHeaders,
        records: this.#records,
        proxies,
        publicScheme: boot.publicScheme,
        maxHeaderCount: platformLimits.headerCount.tenant,
        currentTick: () => this.#connections.currentTick(),
      },
    });
  }

  #createChannels(): ChannelOpener {
    const outside = new PipeOpener(this.#pipe, this.#streams);
    const fetch = new FetchOpener({
      boot: this.#boot,
      routes: this.#routes,
      here: { dispatchFetch: (...call) => this.#engine.dispatchFetch(...call) },
      elsewhere: new ForwardDispatcher(this.#pipe, this.#streams),
      outside,
      records: this.#records,
      responseHeaders: this.#responseHeaders,
    });
    return new ChannelSwitch({
      fetch,
      websocket: new SocketOpener(outside),
      cache: outside,
      kv: outside,
      storage: outside,
      assets: outside,
      database: outside,
    });
  }

  #engineEvents(): EngineEvents {
    return {
      log: (record) => this.#records.addLog(record),
      running: (handles) => void this.#pipe.sendJson(frameTypes.running, 0, handles),
      unstoppable: (handle) => void this.#pipe.sendJson(frameTypes.unstoppable, 0, { handle }),
      overgrown: () => void this.#pipe.send(frameTypes.overgrown, 0),
    };
  }

  async #askRoute(key: string): Promise<RouteAnswer> {
    const payload = await this.#questions.ask(frameTypes.askRoute, toRouteQuestion(key));
    // The sandbox trusts the runner.
    return JSON.parse(payload.toString('utf8')) as RouteAnswer;
  }

  #invalidate(what: Invalidation): void {
    if ('worker' in what) {
      this.#routes.dropWorker(what.worker);
      this.#engine.retireWorker(what.worker);
    } else if ('environment' in what) {
      this.#routes.dropEnvironment(what.environment);
      this.#engine.retireEnvironment(what.environment);
    } else if ('host' in what) this.#routes.dropHost(what.host);
    else this.#routes.dropAll();
  }

  #drain(): void {
    if (this.#drainTimer !== undefined) return;
    this.#connections.drain();
    this.#drainTimer = setInterval(() => this.#reportDrained(), drainCheckMs);
    this.#reportDrained();
  }

  #reportDrained(): void {
    // Again: a request that still ran may have been answered with a WebSocket.
    this.#engine.drain();
    const isBusy =
      this.#connections.size > 0 || this.#engine.activeEvents > 0 || this.#streams.size > 0;
    if (isBusy) return;
    clearInterval(this.#drainTimer);
    this.#records.flush();
    this.#report.flush();
    this.#pipe.send(frameTypes.drained, 0);
  }
}

function inTicks(timeouts: SandboxTimeouts): ConnectionTimeouts {
  const ticks = (ms: number): number => Math.ceil(ms / timeouts.tickMs);
  return {
    headers: ticks(timeouts.headersMs),
    bodyIdle: ticks(timeouts.bodyIdleMs),
    keepAlive: ticks(timeouts.keepAliveMs),
    linger: ticks(timeouts.lingerMs),
    writeIdleMs: timeouts.writeIdleMs,
  };
}

function readVersion(payload: Buffer): LoadedVersion {
  const { message, text } = decodeJsonAndText(payload);
  // The sandbox trusts the runner.
  return { ...(message as VersionAnswer), code: text };
}
