import { randomUUID } from 'node:crypto';
import { AppError, assertNever, workerLimits, type Logger } from '@openworkers/core';
import type { BundledWorker } from './bundle-worker.ts';
import { bundleRuntime } from './bundle-runtime.ts';
import { codeFrame, formatPosition } from './code-frame.ts';
import { firstPosition } from './map-position.ts';
import { addProbe, listenedEvents, readProbe, type DefaultExport } from './trial-probe.ts';
import { runTrial, type TrialLine, type TrialReport } from './trial-sandbox.ts';
import type { EnvKey } from './trial-env.ts';

export interface StartCheckOptions {
  readonly bundled: BundledWorker;
  readonly env: readonly EnvKey[];
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly log: Logger;
}

export interface StartCheck {
  readonly startupMs: number;
  /** Events that the worker handles and the platform sends. */
  readonly handlers: readonly string[];
  readonly warnings: readonly string[];
}

const sentEvents: readonly string[] = ['fetch', 'scheduled'];

/**
 * Starts the worker once in a throw-away sandbox, with placeholder values in `env`.
 *
 * @throws AppError `start_failed` with `details.problems` when it does not start or handles nothing
 */
export async function checkStart(options: StartCheckOptions): Promise<StartCheck> {
  const { bundled, env, timeoutMs, log } = options;
  const nonce = randomUUID().replaceAll('-', '');
  const probed = addProbe(bundled.code, nonce);
  const report = await runTrial({
    code: probed ?? bundled.code,
    env,
    runtimeScript: await bundleRuntime(),
    timeoutMs,
    log,
  });
  if (report.end !== 'started') throw startFailed(report, options);
  const line = report.lines.find(({ message }) => message.startsWith(nonce));
  // A worker may replace the console; what it exports is then taken on trust.
  const unseen = { handlers: probed === undefined ? listenedEvents(bundled.code) : ['fetch'] };
  const { handlers, problem }: DefaultExport =
    line === undefined ? unseen : readProbe(line.message, nonce);
  const handled = handlers.filter((name) => sentEvents.includes(name));
  if (handled.length === 0) throw noHandler(problem);
  return {
    startupMs: report.startupMs,
    handlers: handled,
    warnings: handlers
      .filter((name) => !sentEvents.includes(name))
      .map((name) => `the handler "${name}" will never be called: there are no such events here`),
  };
}

function noHandler(problem: string | undefined): AppError {
  const found = problem === undefined ? '' : `: the default export is of type ${problem}`;
  const message =
    `the worker handles nothing${found}. Export an object with a fetch function:\n` +
    `  export default { fetch(request) { return new Response('hello'); } };`;
  return new AppError('start_failed', message, { details: { problems: [{ message }] } });
}

function startFailed(report: TrialReport, options: StartCheckOptions): AppError {
  const { bundled, cwd } = options;
  const line = report.lines.findLast(({ level }) => level === 'error');
  const message = describeEnd(report.end, { line, timeoutMs: options.timeoutMs });
  const { sourceMap, folder } = bundled;
  const position = firstPosition(line?.stack ?? '', { sourceMap, folder, cwd });
  if (position === undefined) {
    return new AppError('start_failed', message, { details: { problems: [{ message }] } });
  }
  const { file, line: lineNumber, column } = position;
  const text = `${formatPosition(position)}: ${message}\n${codeFrame(position)}`;
  const problems = [{ file, line: lineNumber, column, message }];
  return new AppError('start_failed', text, { details: { problems } });
}

interface EndDetails {
  readonly line: TrialLine | undefined;
  readonly timeoutMs: number;
}

function describeEnd(end: TrialReport['end'], details: EndDetails): string {
  switch (end) {
    case 'Exception':
      return details.line === undefined
        ? 'the worker threw while it started'
        : explain(details.line.message);
    case 'CpuTimeLimit':
      return `the worker used more than ${workerLimits.startupCpuMs.tenant} ms of CPU to start`;
    case 'MemoryLimit':
    case 'died':
    case 'SandboxLost':
      return `the worker used more than ${workerLimits.memoryBytes.tenant / 1024 / 1024} MiB to start`;
    case 'timeout':
    case 'WallClockTimeout':
      return `the worker did not start within ${details.timeoutMs / 1000} s`;
    case 'not_ready':
    case 'Overloaded':
    case 'unavailable':
      return 'the trial start could not be made: this machine is too busy';
    case 'started':
    case 'NoHandler':
    case 'Retired':
    case 'Busy':
    case 'CallDepth':
    case 'body_too_large':
      return 'the worker could not be started';
    default:
      return assertNever(end);
  }
}

const prefix = /^The worker could not be started: (?:Uncaught )?/;
const missingExport =
  /module '(?<module>cloudflare:[^']+)' does not provide an export named '(?<name>[^']+)'/;

const nodeGlobal =
  /^ReferenceError: (?:process|Buffer|global|require|module|__dirname|setImmediate) is not defined/;
const notAnError = /that object was not an instance of `Error`/;

function explain(message: string): string {
  const text = message.replace(prefix, '');
  if (notAnError.test(text)) return 'the worker threw an object that is not an Error';
  if (nodeGlobal.test(text)) {
    return `${text}: workers have Web APIs; --nodejs-compat (the flag nodejs_compat) adds some of Node.js`;
  }
  const missing = missingExport.exec(text)?.groups;
  if (missing?.['name'] === 'DurableObject') return 'Durable Objects are not supported';
  if (missing !== undefined) return `"${missing['module']}" has no ${missing['name']} here`;
  return text;
}
