import { spawn, type ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Secret } from '@openworkers/core';

const main = fileURLToPath(new URL('../../../runner/src/main.ts', import.meta.url));

export interface RunnerProcessOptions {
  /** From 0; the first runner owns the internal port. */
  readonly index: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settings in their final form, over those of `env`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Login of the runner's role. */
  readonly databaseUrl: Secret;
  /** Login of Postgate, which runs workers' SQL in the runner. */
  readonly postgateUrl: Secret;
  /** `OW_MASTER_KEY`, if it is set. */
  readonly masterKey: Secret | undefined;
  /** Whether to make sure first that nobody else listens on the port. */
  readonly isPortProbed: boolean;
}

/** What a role gets of the environment besides `OW_*`: nothing that could hold a password. */
const passedOn: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
]);

/** Settings that go over IPC. */
const secretSettings: ReadonlySet<string> = new Set(['OW_MASTER_KEY']);

/**
 * Starts one runner on the Node that runs this process. The login of its own role goes over IPC, so
 * that no process's environment or command line holds one; the owner's `DATABASE_URL` stays here.
 */
export function spawnRunner(options: RunnerProcessOptions): ChildProcess {
  const inherited = Object.entries(options.env).filter(
    ([key]) => (key.startsWith('OW_') && !secretSettings.has(key)) || passedOn.has(key),
  );
  const child = spawn(process.execPath, [main], {
    env: {
      ...Object.fromEntries(inherited),
      ...options.settings,
      ...compileCache(),
      OW_RUNNER_DATABASE_URL: 'ipc',
      OW_RUNNER_INDEX: String(options.index),
      OW_RUNNER_PROBE_PORT: options.isPortProbed ? '1' : '0',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A session of its own: Ctrl-C at the terminal reaches `ow start` alone, which drains.
    detached: true,
  });
  // A child that could not be started, or is gone already, reports that by its exit.
  const login = {
    kind: 'login',
    databaseUrl: options.databaseUrl.reveal(),
    postgateUrl: options.postgateUrl.reveal(),
    ...(options.masterKey !== undefined && { masterKey: options.masterKey.reveal() }),
  };
  child.send(login, () => undefined);
  return child;
}

/** A restarted runner is back sooner when its code is compiled already. */
function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

/** Whether an IPC message says that a runner answers requests. */
export function isRunnerReady(message: unknown): boolean {
  return (
    typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready'
  );
}
