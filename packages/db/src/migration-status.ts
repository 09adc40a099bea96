import type { Secret } from '@openworkers/core';
import { withAdminClient } from './admin-client.ts';
import { migrationsDirectory, readMigrationFiles, type MigrationFile } from './migration-files.ts';
import { readLedger, type LedgerEntry } from './migration-ledger.ts';

export interface MigrationStatusEntry {
  version: number;
  name: string;
  /** `changed`: applied with another content; `missing`: applied, but no such file here. */
  state: 'applied' | 'pending' | 'changed' | 'missing';
  appliedAt: Date | undefined;
}

export interface MigrationStatus {
  entries: MigrationStatusEntry[];
  /** Whether the schema is exactly what this program expects. */
  isCurrent: boolean;
}

/** Compares the ledger with the migration files; changes nothing. */
export async function migrationStatus(options: {
  connectionString: Secret;
  directory?: string;
}): Promise<MigrationStatus> {
  const files = await readMigrationFiles(options.directory ?? migrationsDirectory);
  const ledger = await withAdminClient(options.connectionString, readLedger);
  const entries = [
    ...ledger.map((entry) => appliedEntry(entry, files)),
    ...files
      .filter((file) => !ledger.some((entry) => entry.name === file.name))
      .map(({ version, name }) => pendingEntry(version, name)),
  ].sort((a, b) => a.version - b.version);
  return { entries, isCurrent: entries.every((entry) => entry.state === 'applied') };
}

function appliedEntry(
  { version, name, sha256, appliedAt }: LedgerEntry,
  files: readonly MigrationFile[],
): MigrationStatusEntry {
  const file = files.find((candidate) => candidate.name === name);
  if (file === undefined) return { version, name, state: 'missing', appliedAt };
  const state = file.sha256 === sha256 ? 'applied' : 'changed';
  return { version, name, state, appliedAt };
}

function pendingEntry(version: number, name: string): MigrationStatusEntry {
  return { version, name, state: 'pending', appliedAt: undefined };
}
