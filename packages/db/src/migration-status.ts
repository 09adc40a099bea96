import type { Secret } from '@openworkers/core';

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
export declare function migrationStatus(options: {
  connectionString: Secret;
  directory?: string;
}): Promise<MigrationStatus>;
