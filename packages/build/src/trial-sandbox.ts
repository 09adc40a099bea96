import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultTenantLimits, type Logger } from '@openworkers/core';
import {
  encodeJsonAndText,
  FramedPipe,
  frameTypes,
  maxFrameBytes,
  readSandboxMessage,
  spawnSandbox,
  StreamTable,
  type BootMessage,
  type ForwardedFailure,
  type ForwardedHead,
  type SandboxProcess,
  type VersionAnswer,
} from '@openworkers/sandbox';
import { trialEnv, type EnvKey } from './trial-env.ts';

export interface TrialOptions {
  /** One ES module. */
  readonly code: string;
  readonly env: readonly EnvKey[];
  /** The bundled runtime. */
  readonly runtimeScript: string;
  /** Milliseconds the module may take to start, top-level awaits included. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

/** How the trial ended. */
type TrialEnd = ForwardedFailure['reason'] | 'started' | 'timeout' | 'died' | 'not_ready';

export interface TrialReport {
  readonly end: TrialEnd;
  /** From handing over the code until the module was evaluated, or failed. */
  readonly startupMs: number;
  /** What the worker printed while starting, and why it failed. */
  readonly lines: readonly TrialLine[];
}

export interface TrialLine {
  readonly level: string;
  readonly message: string;
  /** Positions in it are in the bundled code. */
  readonly stack: string | undefined;
}

const bootTimeoutMs = 15_000;
const lastWordsMs = 1_000;
const maxLines = 1_000;

/** A system user that exists on no usual machine; see the runner's sandboxes. */
const trialUser = { uid: 60_513, gid: 60_513 };

const boot: BootMessage = {
  role: 'trial',
  baseDomain: 'trial.invalid',
  platformHost: 'platform.invalid',
  publicScheme: 'http',
  trustedProxies: [],
  memoryBudgetBytes: 256 * 1024 * 1024,
  spareIsolates: 1,
};

const key = {
  workerId: '00000000-0000-0000-0000-000000000000',
  version: 1,
  environmentId: undefined,
  environmentRevision: 0,
};

/** Starts the module in a process of its own without network, and never runs a handler. */
export async function runTrial(options: TrialOptions): Promise<TrialReport> {
  const process_ = await spawnSandbox({
    log: options.log,
    ...(process.getuid?.() === 0 && { user: trialUser }),
  });
  const trial = new Trial(process_, options);
  try {
    return await trial.run();
  } finally {
    process_.kill();
    await process_.exited;
  }
}

class Trial {
  readonly #process: SandboxProcess;
  readonly #options: TrialOptions;
  readonly #pipe: FramedPipe;
  readonly #streams: StreamTable;
  readonly #lines: TrialLine[] = [];
  readonly #ready = Promise.withResolvers<'ready'>();
  readonly #drained = Promise.withResolvers<'drained'>();
  readonly #ended = Promise.withResolvers<TrialEnd>();
  #startedAt = performance.now();

  constructor(process: SandboxProcess, options: TrialOptions) {
    this.#process = process;
    this.#options = options;
    this.#pipe = new FramedPipe({
      stream: process.stream,
      maxIncomingBytes: maxFrameBytes.fromSandbox,
      onFrame: (type, id, payload) => this.#onFrame(type, id, payload),
      onClose: () => this.#ended.resolve('died'),
    });
    this.#streams = new StreamTable({ pipe: this.#pipe, side: 'runner' });
  }

  async run(): Promise<TrialReport> {
    void this.#process.exited.then(() => this.#ended.resolve('died'));
    this.#pipe.send(frameTypes.boot, 0, encodeJsonAndText(boot, this.#options.runtimeScript));
    const early = await Promise.race([
      this.#ready.promise,
      this.#ended.promise,
      after(bootTimeoutMs, 'timeout'),
    ]);
    if (early !== 'ready') return { end: 'not_ready', startupMs: 0, lines: [] };
    this.#ask();
    const end = await Promise.race([
      this.#ended.promise,
      after(this.#options.timeoutMs, 'timeout'),
    ]);
    const startupMs = performance.now() - this.#startedAt;
    if (end !== 'timeout' && end !== 'died') {
      // What the worker said is on its way; draining brings it.
      this.#pipe.send(frameTypes.drain, 0);
      await Promise.race([
        this.#drained.promise,
        this.#process.exited,
        after(lastWordsMs, 'timeout'),
      ]);
    }
    return { end, startupMs, lines: this.#lines };
  }

  /** A request that will wait for the worker's start. */
  #ask(): void {
    const stream = this.#streams.open(
      {
        data: () => undefined,
        end: () => undefined,
        reset: () => undefined,
        sent: () => undefined,
        clientGone: () => undefined,
        response: () => this.#ended.resolve('started'),
        // Started, but it may take no request: see the limits it was given.
        failure: ({ reason }) => this.#ended.resolve(reason === 'Busy' ? 'started' : reason),
      },
      { hasBody: false },
    );
    if (stream === undefined) throw new Error('no stream is free');
    const head: ForwardedHead = {
      key,
      requestId: randomUUID(),
      method: 'GET',
      url: 'http://trial.invalid/',
      headers: '',
      hasBody: false,
      isUpgrade: false,
      depth: 0,
      limits: trialLimits(),
    };
    this.#pipe.sendJson(frameTypes.incoming, stream.id, head);
  }

  #onFrame(type: number, id: number, payload: Buffer): void {
    if (this.#streams.handleFrame(type, id, payload)) return;
    const message = readSandboxMessage(type, id, payload);
    if (message.kind === 'ready') this.#ready.resolve('ready');
    else if (message.kind === 'drained') this.#drained.resolve('drained');
    else if (message.kind === 'askVersion') this.#sendVersion(message.id);
    else if (message.kind === 'records') {
      for (const record of message.records) {
        if (record.kind !== 'log' || this.#lines.length >= maxLines) continue;
        const { level, message: text, stack } = record;
        this.#lines.push({ level, message: text, stack });
      }
    }
  }

  #sendVersion(id: number): void {
    const answer: VersionAnswer = {
      handle: randomUUID(),
      key,
      workerName: 'trial',
      env: trialEnv(this.#options.env),
      limits: trialLimits(),
    };
    this.#startedAt = performance.now();
    this.#pipe.send(frameTypes.version, id, encodeJsonAndText(answer, this.#options.code));
  }
}

/** The limits of every worker, except that no request may ever enter: only the start is tried. */
function trialLimits(): VersionAnswer['limits'] {
  return { ...defaultTenantLimits(), concurrency: 0 };
}

/** Does not keep the process alive for the rest of the time. */
function after<const T>(ms: number, value: T): Promise<T> {
  return delay(ms, value, { ref: false });
}
