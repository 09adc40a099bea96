import { createContext, constants, runInContext, Script } from 'node:vm';
import { enterOps, type BootIsolate, type InstallOptions } from '@openworkers/runtime';
import ivm from 'isolated-vm';

/** The name the runtime script has in stack traces. */
export const runtimeFilename = 'openworkers:runtime';

const options: InstallOptions = {
  maxTimers: 1,
  maxLogLines: 1,
  maxLogLineBytes: 1,
  responseWindowBytes: 1,
};

/**
 * V8's compile data for the runtime script, with the functions that every worker needs: the script
 * runs here once, through the start of a worker and a request. isolated-vm's own compile data has
 * only what is compiled before anything ran. (Booting an isolate: 10.2 ms with that, 5.2 ms with
 * this, on a crowded machine; making it takes 15 ms of this thread.)
 */
export function compileRuntime(runtimeScript: string): ivm.ExternalCopy<ArrayBuffer> {
  const script = new Script(runtimeScript, { filename: runtimeFilename });
  const context = createContext(constants.DONT_CONTEXTIFY);
  const namespace = runInContext('({ default: { fetch: () => new Response("") } })', context);
  try {
    // What the script evaluates to is its contract; see `BootIsolate`.
    runOneRequest(script.runInContext(context) as BootIsolate, namespace);
  } catch {
    // A runtime that does not run cannot be warmed up; each isolate will say what is wrong with it.
  }
  // A copy: the data is part of a larger buffer.
  return new ivm.ExternalCopy(new Uint8Array(script.createCachedData()).buffer);
}

function runOneRequest(boot: BootIsolate, namespace: unknown): void {
  const enter = boot(
    () => undefined,
    () => undefined,
  );
  enter(enterOps.install, 0, '[]', JSON.stringify(options));
  enter(enterOps.exposeModules, 0, 'modules');
  enter(enterOps.hideModules, 0, 'modules');
  enter(enterOps.register, 0, namespace);
  enter(enterOps.fetch, 1, 'GET', 'http://warm.invalid/', 'host\nwarm.invalid', 0, '{"cf":{}}');
}
