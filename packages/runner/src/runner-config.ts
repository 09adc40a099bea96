import { join } from 'node:path';
import { AppError, loadConfig, Secret, type Config } from '@openworkers/core';
import { readRoleUrls, type MasterKeyOptions } from '@openworkers/db';
import { z } from 'zod';
import { receiveLogin, type Login } from './receive-login.ts';

/**
 * What `ow start` (or an operator) and a runner process agree on.
 *
 * **Environment**: every `OW_*` setting of `@openworkers/core` in its final form (`OW_PORT` is never
 * 0 when several runners share it), and the settings below. The process ends with code 78 and one
 * line on stderr that names the setting when one of them is not usable.
 *
 * **Standard output**: JSON lines (pino). **IPC** (when started with an `ipc` channel): the runner
 * sends one {@link RunnerReady} when it answers requests; when the channel closes, it stops at once.
 * **SIGTERM**: stops accepting, drains at most 30 s, exits 0.
 */
const schema = z.object({
  /**
   * Login of the `runner` role; `ipc` when the parent sends it as the first message; read from
   * `database-roles.json` in the data folder when left out.
   */
  OW_RUNNER_DATABASE_URL: z
    .union([z.literal('ipc'), z.url({ protocol: /^postgres(ql)?$/ })])
    .optional(),
  /** Login of Postgate's role; with `ipc`, it comes in the same message. */
  OW_POSTGATE_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Number of this runner on this machine, from 0; the first one owns the internal port. */
  OW_RUNNER_INDEX: z.coerce.number().int().min(0).max(63).default(0),
  /**
   * `1`: fail with code 78 when anybody listens on `OW_PORT` already. For the first start of the
   * first runner only, because `reusePort` would otherwise let two platforms share the port.
   */
  OW_RUNNER_PROBE_PORT: z.enum(['0', '1']).default('0'),
  /** Memory of all isolates of one sandbox together, in MiB. */
  OW_SANDBOX_MEMORY_MB: z.coerce.number().int().min(64).max(1_048_576).default(1024),
});

/** Sent over IPC once the runner answers requests. */
export interface RunnerReady {
  readonly kind: 'ready';
  readonly host: string;
  readonly port: number;
  /** Undefined when this runner has no internal listener. */
  readonly internalPort: number | undefined;
}

/** Everything one runner process needs to know. */
export interface RunnerConfig {
  readonly host: string;
  /** 0 lets the operating system choose (tests). */
  readonly port: number;
  /** Undefined: no internal listener. 0 lets the operating system choose. */
  readonly internalPort: number | undefined;
  readonly publicUrl: URL;
  readonly baseDomain: string;
  readonly trustedProxies: readonly string[];
  /** What workers may reach beside the public network; see `EgressAllowance`. */
  readonly egressAllow: readonly string[];
  /** Objects of storages that are the platform's own. */
  readonly objectsFolder: string;
  readonly sandboxMemoryBytes: number;
  /** Booted isolates kept in waiting in each sandbox. */
  readonly spareIsolates: number;
  /** Largest number of open client connections. */
  readonly maxConnections: number;
}

export interface RunnerSettings {
  readonly config: RunnerConfig;
  readonly databaseUrl: Secret;
  readonly postgateUrl: Secret;
  readonly masterKeys: MasterKeyOptions;
  readonly logLevel: Config['logLevel'];
  readonly index: number;
  readonly isPortProbed: boolean;
}

const spareIsolates = 4;

/**
 * Reads the settings of a runner process.
 *
 * @throws AppError `invalid_config`, naming each setting
 */
export async function loadRunnerSettings(
  env: Record<string, string | undefined>,
  maxConnections: number,
): Promise<RunnerSettings> {
  const config = loadConfig(env);
  const own = parseOwn(env);
  const { databaseUrl, postgateUrl, masterKey } = await findLogin(own, config);
  return {
    config: {
      host: config.host,
      port: config.port,
      internalPort: own.OW_RUNNER_INDEX === 0 ? config.internalPort : undefined,
      publicUrl: config.publicUrl,
      baseDomain: config.baseDomain,
      trustedProxies: config.trustedProxies,
      egressAllow: config.egressAllow,
      objectsFolder: join(config.dataDir, 'objects'),
      sandboxMemoryBytes: own.OW_SANDBOX_MEMORY_MB * 1024 * 1024,
      spareIsolates,
      maxConnections,
    },
    databaseUrl,
    postgateUrl,
    masterKeys: { dataDir: config.dataDir, given: masterKey },
    logLevel: config.logLevel,
    index: own.OW_RUNNER_INDEX,
    isPortProbed: own.OW_RUNNER_PROBE_PORT === '1',
  };
}

async function findLogin(
  own: z.output<typeof schema>,
  { dataDir, masterKey }: Pick<Config, 'dataDir' | 'masterKey'>,
): Promise<Login> {
  const { OW_RUNNER_DATABASE_URL: given, OW_POSTGATE_DATABASE_URL: postgate } = own;
  if (given === 'ipc') return receiveLogin();
  if (given !== undefined) {
    if (postgate === undefined) {
      const text = 'OW_POSTGATE_DATABASE_URL: not set, and OW_RUNNER_DATABASE_URL is';
      throw new AppError('invalid_config', text);
    }
    return { databaseUrl: new Secret(given), postgateUrl: new Secret(postgate), masterKey };
  }
  const roles = await readRoleUrls(dataDir);
  if (roles !== undefined) {
    return { databaseUrl: roles.runner, postgateUrl: roles.postgate, masterKey };
  }
  throw new AppError(
    'invalid_config',
    `OW_RUNNER_DATABASE_URL: not set, and ${dataDir} has no database-roles.json; start with "ow start"`,
  );
}

function parseOwn(env: Record<string, string | undefined>): z.output<typeof schema> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((key) => [key, env[key] === '' ? undefined : env[key]]),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new AppError('invalid_config', problems.join('; '), { details: { problems } });
}
