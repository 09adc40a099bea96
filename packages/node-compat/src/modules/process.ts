import { env as bindings } from 'cloudflare:workers';

type Callback = (...args: unknown[]) => void;

/** Node.js whose behaviour this follows. */
export const version = 'v26.10.0';
export const versions = { node: version.slice(1) };
export const release = { name: 'node' };
export const platform = 'linux';
export const arch = 'x64';
export const title = 'worker';
export const pid = 1;
export const ppid = 0;
export const argv: string[] = [];
export const argv0 = '';
export const execArgv: string[] = [];
export const execPath = '';
export const exitCode = undefined;
export const features = {};
export const config = {};

/** A copy of the worker's variables and secrets: what is written to it stays in the isolate. */
export const env: Record<string, string> = Object.fromEntries(
  Object.entries(bindings).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  ),
);

export function nextTick(callback: Callback, ...args: unknown[]): void {
  queueMicrotask(() => callback(...args));
}

export function cwd(): string {
  return '/';
}

export function uptime(): number {
  return performance.now() / 1000;
}

function now(): bigint {
  return BigInt(Math.round(performance.now() * 1e6));
}

export const hrtime = Object.assign(
  (previous?: readonly [number, number]): [number, number] => {
    const nanoseconds = now();
    const seconds = Number(nanoseconds / 1_000_000_000n) - (previous?.[0] ?? 0);
    const rest = Number(nanoseconds % 1_000_000_000n) - (previous?.[1] ?? 0);
    return rest < 0 ? [seconds - 1, rest + 1e9] : [seconds, rest];
  },
  { bigint: now },
);

export function memoryUsage(): Readonly<Record<string, number>> {
  // A worker cannot see what it uses.
  return { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
}

export function emitWarning(warning: unknown): void {
  console.warn(warning instanceof Error ? warning : `Warning: ${String(warning)}`);
}

export function umask(): number {
  return 0o22;
}

export function getBuiltinModule(): undefined {
  return undefined;
}

/** Nothing ever happens to this process. */
function listen(this: unknown): unknown {
  return this;
}
export {
  listen as addListener,
  listen as off,
  listen as on,
  listen as once,
  listen as prependListener,
  listen as removeAllListeners,
  listen as removeListener,
  listen as setMaxListeners,
};

export function emit(): boolean {
  return false;
}

export function listeners(): unknown[] {
  return [];
}

export function listenerCount(): number {
  return 0;
}

function lineStream(log: (line: string) => void, fd: number) {
  return {
    fd,
    isTTY: false,
    columns: 80,
    writable: true,
    write(text: unknown): boolean {
      log(String(text).replace(/\n$/, ''));
      return true;
    },
    on: listen,
    once: listen,
    off: listen,
    end: () => undefined,
    getColorDepth: () => 1,
    hasColors: () => false,
  };
}

export const stdout = lineStream((line) => console.log(line), 1);
export const stderr = lineStream((line) => console.error(line), 2);
export const stdin = {
  fd: 0,
  isTTY: false,
  on: listen,
  once: listen,
  resume: listen,
  pause: listen,
};
