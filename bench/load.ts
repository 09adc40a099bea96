import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface LoadOptions {
  readonly port: number;
  readonly host: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second over all connections; as fast as possible when left out. */
  readonly rate?: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly non2xx: number;
  readonly errors: number;
}

const program = fileURLToPath(new URL('load-process.ts', import.meta.url));

/** Runs the load generator (autocannon) in a process of its own and returns what it measured. */
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: (options.seconds + 30) * 1000,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`load generator ended with ${code}`));
      // Our own program wrote it, from exactly this type.
      else resolve(JSON.parse(output) as LoadResult);
    });
  });
}
