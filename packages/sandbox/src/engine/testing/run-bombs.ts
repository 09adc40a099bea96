import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { engineEnvironment, engineNodeFlags } from '../engine-process.ts';

/** What the process is told to do. */
export interface BombRun {
  readonly runtimeScript: string;
  readonly names: readonly string[];
  readonly allAtOnce: boolean;
  /** Wait for the report that the process must be replaced. */
  readonly isUnstoppable: boolean;
  readonly memoryBackBytes: number;
}

export interface BombResult {
  readonly name: string;
  readonly outcome: string;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly isNeighbourFine: boolean;
  /** Scripts reported as unstoppable so far. */
  readonly unstoppable: number;
}

/** The state of the process after all bombs; undefined when it died. */
interface BombSummary {
  readonly failures: number;
  readonly requests: number;
  readonly worstMs: number;
  readonly grownBytes: number;
  readonly unstoppable: number;
}

export interface BombReport {
  readonly results: ReadonlyMap<string, BombResult>;
  readonly summary: BombSummary | undefined;
  readonly stderr: string;
}

/** Lets bombs go off in a process of their own, so that the test outlives them. */
export async function runBombs(options: {
  readonly runtimeScript: string;
  readonly names: readonly string[];
  readonly allAtOnce?: boolean;
  readonly isUnstoppable?: boolean;
  readonly memoryBackBytes: number;
}): Promise<BombReport> {
  const child = fork(fileURLToPath(new URL('bomb-process.ts', import.meta.url)), {
    execArgv: [...engineNodeFlags],
    env: engineEnvironment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the child has no pipes');
  let complaints = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const run: BombRun = {
    runtimeScript: options.runtimeScript,
    names: options.names,
    allAtOnce: options.allAtOnce ?? false,
    isUnstoppable: options.isUnstoppable ?? false,
    memoryBackBytes: options.memoryBackBytes,
  };
  child.send(run);
  const results = new Map<string, BombResult>();
  let summary: BombSummary | undefined;
  for await (const line of createInterface({ input: stdout })) {
    // Written by `bomb-process.ts`.
    const parsed = JSON.parse(line) as BombResult | BombSummary;
    if ('name' in parsed) results.set(parsed.name, parsed);
    else summary = parsed;
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { results, summary, stderr: complaints };
}
