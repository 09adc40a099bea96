/**
 * Migrates a throw-away PostgreSQL and fails when a table with a `tenant_id` is not protected by
 * row-level security.
 */
import { createLogger } from '../packages/core/src/index.ts';
import {
  ensureRoles,
  findTablesWithoutPolicy,
  migrate,
  startEmbeddedPostgres,
} from '../packages/db/src/index.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const log = createLogger({ role: 'check-rls', level: 'silent' });
const dataDir = await mkdtemp(join(tmpdir(), 'ow-check-rls-'));
const postgres = await startEmbeddedPostgres({ dataDir, log, settings: { fsync: 'off' } });
try {
  const { connectionString } = postgres;
  await migrate({ connectionString });
  await ensureRoles({ connectionString, dataDir, log });
  const problems = await findTablesWithoutPolicy(connectionString);
  for (const { table, problem } of problems) console.error(`${table}: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  else console.log('row-level security: every tenant table is protected');
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
