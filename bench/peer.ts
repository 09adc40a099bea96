import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/** A running server that answers `Hello World!` for any number of worker hosts. */
export interface Peer {
  readonly name: string;
  readonly port: number;
  /** Root of the process tree whose memory counts. */
  readonly pid: number;
  /** Makes sure that worker number `index` exists, and returns its Host header. */
  hostOf(index: number): string;
  stop(): Promise<void>;
}

/** Starts a program and waits until its port answers; its output is shown only when it dies early. */
export async function spawnServer(
  command: string,
  args: readonly string[],
  port: number,
): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${command} ended early: ${output}`);
    if (await answers(port)) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`${command} did not answer on port ${port} within 30 s: ${output}`);
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(1_000),
    });
    await response.arrayBuffer();
    return true;
  } catch {
    // Not listening yet: the only reason to be here.
    return false;
  }
}

/** Ends a process, waiting at most 10 s before it is killed. */
export async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
}

export const helloSource = `export default { fetch() { return new Response('Hello World!\\n'); } };\n`;
