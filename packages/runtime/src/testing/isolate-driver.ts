import { createHash, randomBytes } from 'node:crypto';
import { domainToASCII } from 'node:url';
import ivm from 'isolated-vm';
import { arrivalKinds, enterOps, flattenHeaders, hostOps, hostSyncOps } from '../boundary.ts';
import type { Crossing, EnterOp, EnvDescriptor, HostOp, InstallOptions } from '../boundary.ts';
import { answerChannel } from './answer-channel.ts';
import { bundleForTest } from './bundle.ts';
import { TestEvent, textOf } from './test-event.ts';

interface WorkerUnderTest {
  /** An ES module. */
  readonly source: string;
  readonly env?: readonly EnvDescriptor[];
  readonly options?: Partial<InstallOptions>;
}

interface RequestUnderTest {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: readonly (string | Uint8Array)[];
  readonly cf?: Record<string, unknown>;
  readonly takeBytes?: number;
  readonly holdBody?: boolean;
  /** The client asks for a WebSocket. */
  readonly canUpgrade?: boolean;
}

const installOptions: InstallOptions = {
  maxTimers: 100,
  maxLogLines: 100,
  maxLogLineBytes: 4096,
  responseWindowBytes: 65_536,
};

let bundle: string | undefined;

/** A worker in a real isolate, driven as the sandbox drives it but without limits. */
export class TestIsolate {
  readonly logs: { eventId: number; level: string; text: string }[] = [];
  /** Errors that an entry reported: unhandled rejections, or faults of the runtime. */
  readonly entryErrors: unknown[] = [];
  /** What host op `registered` said. */
  registered: unknown;
  readonly isolate = new ivm.Isolate({ memoryLimit: 128 });
  readonly #events = new Map<number, TestEvent>();
  readonly #channels = new Map<Crossing, { path: string; pieces: Buffer[]; lastEventId: string }>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #enter: ivm.Reference | undefined;
  #lastEventId = 0;

  static async start(worker: WorkerUnderTest): Promise<TestIsolate> {
    const started = new TestIsolate();
    await started.#boot(worker);
    return started;
  }

  /** Runs one request and returns as soon as it has been dispatched. */
  open(request: RequestUnderTest = {}): TestEvent {
    const { plain, body, upgrade } = arrivalKinds;
    const kind = request.canUpgrade ? upgrade : request.body === undefined ? plain : body;
    return this.#run(enterOps.fetch, request, [
      request.method ?? 'GET',
      request.url ?? 'http://worker.test/',
      flattenHeaders(request.headers ?? []),
      kind,
      JSON.stringify({ cf: request.cf ?? {} }),
    ]);
  }

  /** Runs one request until its response is complete. */
  fetch(request: RequestUnderTest = {}): Promise<TestEvent> {
    return this.open(request).completed();
  }

  scheduled(scheduledTime: number, cron: string): TestEvent {
    return this.#run(enterOps.scheduled, {}, [scheduledTime, cron]);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.isolate.dispose();
  }

  #run(op: EnterOp, request: RequestUnderTest, args: Crossing[]): TestEvent {
    this.#lastEventId += 1;
    const eventId = this.#lastEventId;
    const event = new TestEvent({
      enter: (next, ...args) => this.#slice(next, eventId, args),
      body: request.body ?? [],
      takeBytes: request.takeBytes,
      holdBody: request.holdBody ?? false,
    });
    this.#events.set(eventId, event);
    void this.#slice(op, eventId, args);
    return event;
  }

  async #boot(worker: WorkerUnderTest): Promise<void> {
    bundle ??= bundleForTest();
    const context = await this.isolate.createContext();
    const script = await this.isolate.compileScript(bundle, { filename: 'runtime.js' });
    const boot: ivm.Reference = await script.run(context, { reference: true });
    const host = new ivm.Callback(
      (op: HostOp, eventId: number, ...args: Crossing[]) => this.#receive(op, eventId, args),
      { ignored: true },
    );
    const hostSync = new ivm.Callback((op: number, a: Crossing, b: Crossing) => answer(op, a, b));
    this.#enter = await boot.apply(undefined, [host, hostSync], { result: { reference: true } });
    const options = { ...installOptions, ...worker.options };
    await this.#call(enterOps.install, 0, [
      JSON.stringify(worker.env ?? []),
      JSON.stringify(options),
    ]);
    const workersModule = await this.#workersModule(context);
    const main = await this.isolate.compileModule(worker.source, { filename: 'worker.js' });
    await main.instantiate(context, (specifier) => {
      if (specifier === 'cloudflare:workers') return workersModule;
      throw new Error(`No module ${specifier}`);
    });
    await main.evaluate();
    await this.#call(enterOps.register, 0, [main.namespace.derefInto()]);
    for (let i = 0; this.registered === undefined && i < 100; i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #workersModule(context: ivm.Context): Promise<ivm.Module> {
    const name = `ow_${randomBytes(8).toString('hex')}`;
    await this.#call(enterOps.exposeModules, 0, [name]);
    const names = ['env', 'WorkerEntrypoint', 'waitUntil'];
    const source = names
      .map((key) => `export const ${key} = globalThis.${name}.${key};`)
      .join('\n');
    const workersModule = await this.isolate.compileModule(source);
    await workersModule.instantiate(context, () => {
      throw new Error('imports nothing');
    });
    await workersModule.evaluate();
    await this.#call(enterOps.hideModules, 0, [name]);
    return workersModule;
  }

  /** Enters the isolate; rejects with what the slice threw or left unhandled. */
  async #call(op: EnterOp, eventId: number, args: unknown[]): Promise<void> {
    const crossing = args.map((arg) =>
      arg instanceof ArrayBuffer
        ? new ivm.ExternalCopy(arg, { transferOut: true }).copyInto({
            release: true,
            transferIn: true,
          })
        : arg,
    );
    await this.#enter?.apply(undefined, [op, eventId, ...crossing]);
  }

  async #slice(op: EnterOp, eventId: number, args: unknown[]): Promise<void> {
    try {
      await this.#call(op, eventId, args);
    } catch (error) {
      // A test that disposed the isolate is not interested in what was still running.
      if (!this.isolate.isDisposed) this.entryErrors.push(error);
    }
  }

  #receive(op: HostOp, eventId: number, args: Crossing[]): void {
    const [a, b] = args;
    if (op === hostOps.registered) this.registered = JSON.parse(textOf(a));
    else if (op === hostOps.log) this.logs.push({ eventId, level: textOf(a), text: textOf(b) });
    else if (op === hostOps.setTimer) {
      const id = Number(a);
      const fire = (): void => void this.#slice(enterOps.timer, eventId, [id]);
      this.#timers.set(id, setTimeout(fire, Number(b)));
    } else if (op === hostOps.call) {
      void this.#slice(enterOps.callResult, eventId, [a, ...answerCall(args)]);
    } else if (op >= hostOps.openChannel && op <= hostOps.channelCredit) {
      const say = (next: EnterOp, id: Crossing, value: Crossing): Promise<void> =>
        this.#slice(next, eventId, [id, value]);
      void answerChannel(op, args, { say, received: this.#channels });
    } else if (op === hostOps.clearTimer) clearTimeout(this.#timers.get(Number(a)));
    this.#events.get(eventId)?.receive(op, args);
  }
}

/** The arguments of `callResult` after the call's id. */
function answerCall([, name, argument, bytes]: readonly Crossing[]): Crossing[] {
  if (name === 'digestStream') return [1, new ArrayBuffer(4)];
  if (name === 'crypto') return answerCrypto(JSON.parse(textOf(argument)));
  if (name !== 'digest' || !(bytes instanceof ArrayBuffer)) return [0, `No call ${textOf(name)}`];
  const hash = createHash(textOf(argument).replace('-', '').toLowerCase());
  return [1, Uint8Array.from(hash.update(new Uint8Array(bytes)).digest()).buffer];
}

/** Something of the right kind: who needs real keys tests with the sandbox. */
function answerCrypto(request: unknown): Crossing[] {
  const { method = '', format = '' } = request as { method?: string; format?: string };
  if (method === 'verify') return [1, 1];
  if (method === 'exportKey' && format === 'jwk') return [1, '{"kty":"oct"}'];
  if (!/^(?:generate|import|derive|unwrap)Key$/.test(method)) return [1, new ArrayBuffer(4)];
  const key = {
    type: 'secret',
    extractable: true,
    algorithm: JSON.stringify({ name: 'AES-GCM', length: 256, publicExponent: [1, 0, 1] }),
    usages: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'],
    sealedBytes: 8,
  };
  return [1, JSON.stringify([key]), new ArrayBuffer(8)];
}

function answer(op: number, a: Crossing, b: Crossing): Crossing {
  if (op === hostSyncOps.randomBytes) return Uint8Array.from(randomBytes(Number(a))).buffer;
  if (op === hostSyncOps.domainToAscii) return domainToASCII(textOf(a));
  if (!(b instanceof ArrayBuffer)) throw new Error('decodeText needs bytes');
  return new TextDecoder(textOf(a)).decode(b);
}

/**
 * Runs the body of an async function `(request, env, ctx)` in a fresh isolate and returns what it
 * returned, as JSON. What it throws is thrown here.
 */
export async function evaluateInIsolate(body: string): Promise<unknown> {
  const source = `export default { async fetch(request, env, ctx) {
    const result = await (async () => { ${body} })();
    return new Response(JSON.stringify(result === undefined ? null : result));
  } }`;
  const isolate = await TestIsolate.start({ source });
  try {
    const event = await isolate.fetch();
    const [exception] = event.exceptions;
    if (exception !== undefined) throw new Error(`${exception.message}\n${exception.stack}`);
    return event.json;
  } finally {
    isolate.dispose();
  }
}
