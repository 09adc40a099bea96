import { prepareVersion, type EnvKey, type PreparedVersion } from '@openworkers/build';
import { AppError, createLogger, platformLimits } from '@openworkers/core';
import type { Backend, WorkerResource } from '../../backend/backend.ts';
import type { CliContext } from '../../cli-context.ts';
import { fromAppError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { formatBytes, formatFields } from '../../format-table.ts';
import { findWranglerConfig } from '../../wrangler-config/wrangler-config.ts';
import { workerNotFound } from './find-worker.ts';

export const deployCommand: Command = {
  name: 'deploy',
  summary: 'bundle a file and let it serve; the old version stays if anything is wrong',
  arguments: [
    { name: 'name', summary: 'name or id of the worker' },
    { name: 'file', summary: 'entry point: .js, .ts, .jsx, .tsx, .mjs or .mts' },
  ],
  options: [
    { flags: '-m, --message <text>', summary: 'what changed' },
    { flags: '--create', summary: 'create the worker if there is none' },
    { flags: '--nodejs-compat', summary: 'give it modules and globals of Node.js' },
  ],
  help: `npm packages, relative imports, and JSON, text (.txt, .html, .sql, .md, …), .bin and .wasm
files are bundled into one module of at most ${formatBytes(platformLimits.codeBytes.tenant)}. The module is started once, here and
without network, before anything is written.

Modules of Node.js (node:buffer, node:crypto, node:stream, …) are for workers that ask for them:
with --nodejs-compat, or with "nodejs_compat" in the compatibility_flags of a wrangler.toml or
wrangler.jsonc beside the file.

Example:
  ow workers deploy hello examples/hello/worker.ts --create -m "first try"`,
  async run(context, input) {
    const name = input.argument('name');
    const file = input.argument('file');
    const message = input.option('message');
    const backend = await context.backend();
    const existing = await backend.findWorker(name);
    if (existing === undefined && !input.has('create')) {
      throw workerNotFound(name, context.commandLine(`workers create ${name}`));
    }
    const env = existing === undefined ? [] : await backend.listEnvKeys(existing);
    const isNode = input.has('nodejsCompat');
    const prepared = await prepare(context, { file, env, isNode }).catch((error: unknown) => {
      throw refused(error, existing?.currentVersion ?? undefined);
    });
    const worker = existing ?? (await backend.createWorker({ name }));
    const deployed = await backend.deploy(worker, {
      code: prepared.code,
      codeType: prepared.codeType,
      sourceMap: prepared.sourceMap,
      ...(message !== undefined && { message }),
    });
    print(context, { backend, worker, prepared, deployed });
  },
};

async function prepare(
  context: CliContext,
  { file, env, isNode }: { file: string; env: EnvKey[]; isNode: boolean },
): Promise<PreparedVersion> {
  const { cwd } = context.world;
  const flags = findWranglerConfig(file, cwd)?.compatibilityFlags ?? [];
  const prepared = await prepareVersion({
    source: { kind: 'file', path: file },
    cwd,
    env,
    compatibilityFlags: isNode ? [...flags, 'nodejs_compat'] : flags,
    log: createLogger({ role: 'trial', level: 'silent' }),
  });
  for (const warning of prepared.warnings) context.terminal.err(`warning: ${warning}\n`);
  return prepared;
}

/** Tells the author that nobody has noticed the mistake yet. */
function refused(error: unknown, servingVersion: number | undefined): unknown {
  if (!(error instanceof AppError) || servingVersion === undefined) return error;
  return fromAppError(
    error,
    `correct it and deploy again; version ${servingVersion} keeps serving`,
  );
}

interface Outcome {
  readonly backend: Backend;
  readonly worker: WorkerResource;
  readonly prepared: PreparedVersion;
  readonly deployed: Awaited<ReturnType<Backend['deploy']>>;
}

function print(context: CliContext, { backend, worker, prepared, deployed }: Outcome): void {
  const url = backend.workerUrl(worker);
  const startupMs = Math.round(prepared.startupMs * 10) / 10;
  context.print(
    { ...deployed, url, startupMs, handlers: prepared.handlers },
    formatFields(`Deployed ${worker.name ?? worker.id} v${deployed.version}`, {
      url,
      version: `${deployed.version} (${deployed.hash.slice(0, 16)})`,
      size: formatBytes(deployed.sizeBytes),
      'start-up': `${startupMs} ms`,
    }),
  );
}
