import { loadConfig, type Config } from '@openworkers/core';
import { lockDataDir } from '@openworkers/db';
import type { CliContext } from '../../cli-context.ts';
import { usageError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { assertPlatform } from '../../start/assert-platform.ts';
import { createLinePrinter } from '../../start/line-printer.ts';
import { writeLocalAlias } from '../../start/local-alias.ts';
import { Platform } from '../../start/platform.ts';
import { assertPortFree, choosePort } from '../../start/ports.ts';
import { listenForStop, type StopSignals } from '../../start/stop-signals.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'run the whole platform on this machine until Ctrl-C',
  help: `Prints "ready URL" when workers can be deployed and called. Settings are environment variables:
  OW_PORT          port of the platform and its workers (8080)
  OW_HOST          address to listen on (127.0.0.1)
  OW_DATA_DIR      PostgreSQL's files and the roles' logs (./.openworkers; as root /var/lib/openworkers)
  DATABASE_URL     a PostgreSQL to use instead of the embedded one
  OW_BASE_DOMAIN   workers answer at NAME.<base domain> (localhost)
  OW_PUBLIC_URL    URL of the platform as the world sees it
  OW_RUNNERS       runner processes (1)

The first Ctrl-C lets running requests finish, a second one does not.`,
  async run(context) {
    if (context.aliasName !== undefined) {
      throw usageError(
        'start runs a platform on this machine: it takes no alias',
        `${context.program} start`,
      );
    }
    assertPlatform(process);
    const signals = listenForStop(process);
    try {
      await runPlatform(context, signals);
    } finally {
      signals.dispose();
    }
  },
};

async function runPlatform(context: CliContext, signals: StopSignals): Promise<void> {
  const { terminal } = context;
  const config = await finalConfig(context.world.env);
  const lock = await lockDataDir(config.dataDir, 'start');
  await assertPortFree('OW_PORT', config);
  await assertPortFree('OW_INTERNAL_PORT', { host: '127.0.0.1', port: config.internalPort });
  const { hasColors } = terminal;
  const printer = createLinePrinter({
    write: (text) => terminal.err(text),
    hasColors,
    isTerminal: terminal.isInteractive,
    now: Date.now,
  });
  const platform = new Platform({
    config,
    env: context.world.env,
    printer,
    signal: signals.requested,
  });
  const onForced = (): void => {
    platform.kill();
    terminal.err('stopped without waiting for running requests\n');
    process.exit(1);
  };
  signals.forced.addEventListener('abort', onForced);
  try {
    await serve({ context, config, platform, signals });
  } catch (error) {
    // Asked to stop while starting: nothing has failed.
    if (!signals.requested.aborted) throw error;
  } finally {
    await platform.stop();
    await lock.release();
  }
}

interface Serving {
  readonly context: CliContext;
  readonly config: Config;
  readonly platform: Platform;
  readonly signals: StopSignals;
}

/** Until a signal comes. */
async function serve({ context, config, platform, signals }: Serving): Promise<void> {
  const { terminal } = context;
  const { roles, adminUsername } = await platform.startDatabase();
  terminal.err(`data folder: ${config.dataDir}\n`);
  await writeLocalAlias({
    configPath: context.configPath,
    alias: {
      type: 'db',
      database_url: roles.cli.reveal(),
      user: adminUsername,
      public_url: trimSlash(config.publicUrl.href),
      base_domain: config.baseDomain,
      data_dir: config.dataDir,
    },
    warn: (text) => terminal.err(`warning: ${text}\n`),
  });
  await platform.startRunners(roles);
  const url = trimSlash(config.publicUrl.href);
  const startupMs = Math.round(performance.now());
  context.print({ ready: url, startupMs }, `ready ${url} (${(startupMs / 1000).toFixed(1)} s)`);
  await new Promise<void>((resolve) => {
    if (signals.requested.aborted) resolve();
    else signals.requested.addEventListener('abort', () => resolve());
  });
  terminal.err('stopping: running requests may finish (Ctrl-C again to end them)\n');
}

async function finalConfig(env: CliContext['world']['env']): Promise<Config> {
  const config = loadConfig(env);
  if (config.port !== 0) return config;
  return loadConfig({ ...env, OW_PORT: String(await choosePort(config.host)) });
}

function trimSlash(url: string): string {
  return url.replace(/\/$/, '');
}
