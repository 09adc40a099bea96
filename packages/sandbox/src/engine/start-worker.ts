import { platformLimits } from '@openworkers/core/limits';
import { enterOps, type InstallOptions } from '@openworkers/runtime';
import { responseWindowBytes } from './engine-limits.ts';
import type { CodeCache } from './isolate/code-cache.ts';
import type { WorkerIsolate } from './isolate/worker-isolate.ts';
import type { LoadedVersion } from './worker-engine.ts';
import type { WorkerInstance } from './worker-instance.ts';

export interface StartWorkerOptions {
  readonly instance: WorkerInstance;
  readonly isolate: WorkerIsolate;
  readonly version: LoadedVersion;
  readonly codeCache: CodeCache;
}

/**
 * Loads the worker into a booted isolate up to the point where its module runs or waits at a
 * top-level await; the instance hears `evaluated`. Every step is a slice of the background account,
 * so the limits hold from the first line. Rejects with the error of the worker's code.
 */
export async function startWorker(options: StartWorkerOptions): Promise<void> {
  const { instance, isolate, version, codeCache } = options;
  const { runner, background } = instance;
  const { workerId, version: number } = version.key;
  const codeName = `${workerId}@${number}`;
  runner.enter(
    background,
    enterOps.install,
    JSON.stringify(version.env),
    JSON.stringify(installOptions(version)),
  );
  const opened = runner.step(background, () => isolate.openBuiltins());
  const compiled = runner.step(background, () =>
    isolate.compile(version.code, codeCache.get(codeName)),
  );
  const [, made] = await Promise.all([opened, compiled]);
  if (made !== undefined) codeCache.set(codeName, made);
  await runner.step(background, () => isolate.link());
  await runner.step(background, () => isolate.evaluate());
}

function installOptions(version: LoadedVersion): InstallOptions {
  return {
    maxTimers: version.limits.timers,
    maxLogLines: platformLimits.logLines.tenant,
    maxLogLineBytes: platformLimits.logLineBytes.tenant,
    responseWindowBytes,
  };
}
