import { resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from './app-error.ts';
import { Secret } from './secret.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .pipe(z.array(z.string().min(1)).max(1_000));

const hostName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a lower-case host name');

const schema = z.object({
  OW_HOST: z.string().min(1).default('127.0.0.1'),
  OW_PORT: port.default(8080),
  OW_INTERNAL_PORT: port.default(9090),
  OW_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  OW_BASE_DOMAIN: hostName.default('localhost'),
  OW_DATA_DIR: z.string().min(1).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  OW_MASTER_KEY: z.string().max(4096).optional(),
  OW_RUNNERS: z.coerce.number().int().min(1).max(64).default(1),
  OW_TRUSTED_PROXIES: list.default([]),
  OW_EGRESS_ALLOW: list.default([]),
  OW_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** Settings of every role, read once at start. */
export interface Config {
  host: string;
  /** 0 lets the operating system choose. */
  port: number;
  internalPort: number;
  /** URL of the platform host (dashboard and API). */
  publicUrl: URL;
  /** Workers live at `<name>.<base domain>`. */
  baseDomain: string;
  dataDir: string;
  /** A PostgreSQL to use instead of the embedded one. */
  databaseUrl: Secret | undefined;
  /** Keys that encrypt secrets, in base64, separated by commas; else they are in the data folder. */
  masterKey: Secret | undefined;
  runners: number;
  trustedProxies: string[];
  egressAllow: string[];
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/**
 * Reads the settings, reporting every problem at once. Secrets come back wrapped, and their values
 * never appear in the error.
 *
 * @throws AppError `invalid_config`, naming each setting
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((key) => [key, env[key] === '' ? undefined : env[key]]),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new AppError('invalid_config', problems.join('; '), { details: { problems } });
  }
  const value = parsed.data;
  return {
    host: value.OW_HOST,
    port: value.OW_PORT,
    internalPort: value.OW_INTERNAL_PORT,
    publicUrl: new URL(value.OW_PUBLIC_URL ?? `http://localhost:${value.OW_PORT}`),
    baseDomain: value.OW_BASE_DOMAIN,
    dataDir: resolve(value.OW_DATA_DIR ?? defaultDataDir()),
    databaseUrl: value.DATABASE_URL === undefined ? undefined : new Secret(value.DATABASE_URL),
    masterKey: value.OW_MASTER_KEY === undefined ? undefined : new Secret(value.OW_MASTER_KEY),
    runners: value.OW_RUNNERS,
    trustedProxies: value.OW_TRUSTED_PROXIES,
    egressAllow: value.OW_EGRESS_ALLOW,
    logLevel: value.OW_LOG_LEVEL,
  };
}

function defaultDataDir(): string {
  return process.getuid?.() === 0 ? '/var/lib/openworkers' : './.openworkers';
}
