import { randomBytes } from 'node:crypto';
import ivm from 'isolated-vm';
import { IvmIsolate } from './ivm-isolate.ts';
import {
  builtinSource,
  connectSource,
  readySource,
  startSource,
  workersModule,
} from './module-sources.ts';
import { compileRuntime, runtimeFilename } from './runtime-compile-data.ts';
import type { IsolateFactory, WorkerIsolate } from './worker-isolate.ts';

const bytesPerMiB = 1024 * 1024;
/** isolated-vm refuses less. */
const smallestLimitMiB = 8;

/** Makes isolates that share the compile data of the runtime script. */
export class IvmIsolateFactory implements IsolateFactory {
  readonly #runtimeScript: string;
  #runtimeData: ivm.ExternalCopy<ArrayBuffer> | undefined;

  constructor(runtimeScript: string) {
    this.#runtimeScript = runtimeScript;
  }

  async boot(memoryLimitBytes: number): Promise<WorkerIsolate> {
    const memoryLimit = Math.max(smallestLimitMiB, Math.floor(memoryLimitBytes / bytesPerMiB));
    // Filled once the runtime has booted; nothing calls out before.
    const booted: { isolate?: IvmIsolate } = {};
    const isolate = new ivm.Isolate({
      memoryLimit,
      onCatastrophicError: () => booted.isolate?.listener?.lost(),
    });
    const context = await isolate.createContext();
    const globalName = `#${randomBytes(16).toString('hex')}`;
    const [modules, connect, boot] = await Promise.all([
      makeModules(isolate, context, globalName, () => booted.isolate?.listener?.evaluated()),
      runScript(isolate, context, connectSource),
      this.#runRuntime(isolate, context),
    ]);
    const entry: ivm.Reference = await connect.apply(
      undefined,
      [boot.derefInto(), ...callbacksOf(booted)],
      { result: { reference: true } },
    );
    booted.isolate = new IvmIsolate(
      { isolate, context, memoryLimitBytes, globalName, ...modules },
      entry,
    );
    return booted.isolate;
  }

  async #runRuntime(isolate: ivm.Isolate, context: ivm.Context): Promise<ivm.Reference> {
    this.#runtimeData ??= compileRuntime(this.#runtimeScript);
    const script = await isolate.compileScript(this.#runtimeScript, {
      filename: runtimeFilename,
      cachedData: this.#runtimeData,
    });
    return script.run(context, { reference: true });
  }
}

async function runScript(
  isolate: ivm.Isolate,
  context: ivm.Context,
  source: string,
): Promise<ivm.Reference> {
  const script = await isolate.compileScript(source, { filename: 'openworkers:connect' });
  return script.run(context, { reference: true });
}

function callbacksOf(booted: { readonly isolate?: IvmIsolate }): ivm.Callback[] {
  return [
    new ivm.Callback(
      (op: unknown, id: unknown, a: unknown, b: unknown, c: unknown, d: unknown): void => {
        booted.isolate?.listener?.host(op, id, a, b, c, d);
      },
      { ignored: true },
    ),
    new ivm.Callback(
      (op: unknown, a: unknown, b: unknown) => booted.isolate?.listener?.hostSync(op, a, b),
      { sync: true },
    ),
  ];
}

/** The modules around the worker's own; the ready function is off the global object afterwards. */
async function makeModules(
  isolate: ivm.Isolate,
  context: ivm.Context,
  globalName: string,
  onReady: () => void,
): Promise<{ builtins: Map<string, ivm.Module>; ready: ivm.Module; start: ivm.Module }> {
  const noImports = (): never => {
    throw new TypeError('built-in modules import nothing');
  };
  const [ready, start, workers] = await Promise.all([
    isolate.compileModule(readySource(globalName), { filename: 'openworkers:ready' }),
    isolate.compileModule(startSource, { filename: 'openworkers:start' }),
    isolate.compileModule(builtinSource(workersModule, globalName), { filename: workersModule }),
    context.global.set(globalName, new ivm.Callback(onReady, { ignored: true })),
  ]);
  await Promise.all([
    ready.instantiate(context, noImports),
    workers.instantiate(context, noImports),
  ]);
  await ready.evaluate();
  return { builtins: new Map([[workersModule, workers]]), ready, start };
}
