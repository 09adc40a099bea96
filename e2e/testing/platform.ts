import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ow = fileURLToPath(new URL('../../packages/cli/bin/ow.js', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A whole platform of its own, as `npm start` runs it: own data folder, random ports. */
export interface Platform {
  readonly port: number;
  readonly folder: string;
  readonly dataDir: string;
  /** Environment of `ow` commands that act on this platform. */
  readonly env: Record<string, string>;
  /** The `ow start` process. */
  readonly process: ChildProcess;
  /** Everything `ow start` printed so far. */
  output(): string;
  ow(...args: string[]): Promise<CommandResult>;
  /** Creates the worker when needed and deploys the source; throws when the command fails. */
  deploy(name: string, source: string, fileName?: string): Promise<void>;
  /** SIGTERM, then waits at most 40 s. Answers the exit code. */
  stop(): Promise<number | null>;
  /** `stop` and removal of the folder. */
  dispose(): Promise<void>;
}

/** @throws Error when the platform is not ready within 60 s; it carries what was printed. */
export async function startPlatform(settings: Record<string, string> = {}): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), 'ow-e2e-'));
  // Run by root, PostgreSQL is another user, who must be able to pass through.
  chmodSync(folder, 0o711);
  const ports = { OW_PORT: String(await freePort()), OW_INTERNAL_PORT: String(await freePort()) };
  const env = {
    PATH: process.env['PATH'] ?? '',
    OW_DATA_DIR: join(folder, 'data'),
    OW_CONFIG: join(folder, 'config.json'),
    ...ports,
    ...settings,
  };
  return startPlatformIn(folder, env);
}

/** Starts again on the data of an earlier platform. */
export async function startPlatformIn(
  folder: string,
  env: Record<string, string>,
): Promise<Platform> {
  const child = spawn(process.execPath, [ow, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-200_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await untilReady(child, () => output);
  const run = (...args: string[]): Promise<CommandResult> => runCommand(args, env);
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 40_000);
    const code = await exited;
    clearTimeout(timer);
    return code;
  };
  return {
    port: Number(env['OW_PORT']),
    folder,
    dataDir: env['OW_DATA_DIR'] ?? '',
    env,
    process: child,
    output: () => output,
    ow: run,
    deploy: (name, source, fileName = 'worker.ts') =>
      deploy({ folder, run, name, source, fileName }),
    stop,
    dispose: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface DeployOptions {
  readonly folder: string;
  readonly run: (...args: string[]) => Promise<CommandResult>;
  readonly name: string;
  readonly source: string;
  readonly fileName: string;
}

async function deploy({ folder, run, name, source, fileName }: DeployOptions): Promise<void> {
  const file = join(mkdtempSync(join(folder, `${name}-`)), fileName);
  writeFileSync(file, source);
  const result = await run('workers', 'deploy', name, file, '--create');
  if (result.code !== 0) throw new Error(`deploy of ${name}: ${result.stderr}${result.stdout}`);
}

/** Runs one `ow` command to its end; at most 60 s. */
export function runCommand(args: string[], env: Record<string, string>): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ow, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

async function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!output().includes('ready http')) {
    if (child.exitCode !== null) throw new Error(`ow start ended early:\n${output()}`);
    if (performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`ow start was not ready within 60 s:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
