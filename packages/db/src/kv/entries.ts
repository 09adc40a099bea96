import type { Database } from '../database.ts';

/** Which namespace of which tenant; both come from what the platform knows, never from a worker. */
export interface KvScope {
  readonly namespaceId: string;
  readonly tenantId: string;
}

export interface KvEntry {
  readonly value: Uint8Array;
  /** What was put. */
  readonly encoding: 'text' | 'bytes' | 'json';
  /** JSON text. */
  readonly metadata: string | undefined;
  readonly expiresAt: Date | undefined;
}

export interface KvListItem {
  readonly key: string;
  readonly metadata: string | undefined;
  readonly expiresAt: Date | undefined;
}

export interface KvListQuery extends KvScope {
  readonly prefix: string;
  /** Only keys behind this one. */
  readonly after: string | undefined;
  readonly limit: number;
}

interface EntryRow {
  key: string;
  value: Buffer;
  encoding: KvEntry['encoding'];
  metadata: string | null;
  expires_at: Date | null;
}

type ManyRow = Omit<EntryRow, 'value'> & { value: Buffer | null };

const isAlive = '(expires_at is null or expires_at > now())';

/*
 * Raw and prepared: these are the statements of `env.KV`. Each is one round trip, without a transaction.
 */
const statements = {
  get: {
    name: 'kv-get',
    text: `select value, encoding, metadata, expires_at from kv_entries
      where namespace_id = $1 and key = $2 and tenant_id = $3 and ${isAlive}`,
  },
  getMany: {
    name: 'kv-get-many',
    // The sizes are known without reading the values.
    text: `select key, encoding, metadata, expires_at,
        case when sum(octet_length(value)) over () <= $4 then value end as value
      from kv_entries
      where namespace_id = $1 and key = any($2::text[]) and tenant_id = $3 and ${isAlive}`,
  },
  put: {
    name: 'kv-put',
    text: `insert into kv_entries (namespace_id, key, tenant_id, value, encoding, metadata, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (tenant_id, namespace_id, key) do update set value = excluded.value,
        encoding = excluded.encoding, metadata = excluded.metadata,
        expires_at = excluded.expires_at, updated_at = now()`,
  },
  delete: {
    name: 'kv-delete',
    text: `delete from kv_entries where namespace_id = $1 and key = any($2::text[]) and tenant_id = $3`,
  },
  // No key has more than 512 bytes, so with 128 of the greatest character behind the prefix every
  // key that has it is below. Unlike `like`, a range needs no escaping and always uses the index.
  list: {
    name: 'kv-list',
    text: `select key, metadata, expires_at from kv_entries
      where namespace_id = $1 and tenant_id = $2
        and key >= $3 and key <= $3 || repeat(chr(1114111), 128) and key > $4 and ${isAlive}
      order by key limit $5`,
  },
  sweep: {
    name: 'kv-sweep',
    text: `delete from kv_entries where ctid = any(array(
      select ctid from kv_entries where expires_at <= now() order by expires_at limit $1
      for update skip locked))`,
  },
} as const;

/** The entry under a key; undefined when there is none or it has expired. @throws AppError `database_unavailable` */
export async function getKvEntry(
  database: Database,
  { namespaceId, tenantId, key }: KvScope & { key: string },
): Promise<KvEntry | undefined> {
  const { rows } = await database.run<EntryRow>(statements.get, [namespaceId, key, tenantId]);
  const [row] = rows;
  return row === undefined ? undefined : toEntry(row);
}

/**
 * The entries under several keys; undefined when their values have together more than `maxBytes`.
 *
 * @throws AppError `database_unavailable`
 */
export async function getKvEntries(
  database: Database,
  {
    namespaceId,
    tenantId,
    keys,
    maxBytes,
  }: KvScope & { keys: readonly string[]; maxBytes: number },
): Promise<Map<string, KvEntry> | undefined> {
  const values = [namespaceId, keys, tenantId, maxBytes];
  const { rows } = await database.run<ManyRow>(statements.getMany, values);
  const entries = new Map<string, KvEntry>();
  for (const { value, ...row } of rows) {
    if (value === null) return undefined;
    entries.set(row.key, toEntry({ ...row, value }));
  }
  return entries;
}

/** Writes an entry, in place of the one under its key. @throws AppError `database_unavailable` */
export async function putKvEntry(
  database: Database,
  { namespaceId, tenantId, key, ...entry }: KvScope & KvEntry & { key: string },
): Promise<void> {
  const { value, encoding, metadata = null, expiresAt = null } = entry;
  const values = [namespaceId, key, tenantId, value, encoding, metadata, expiresAt];
  await database.run(statements.put, values);
}

/** Answers how many there were. @throws AppError `database_unavailable` */
export async function deleteKvEntries(
  database: Database,
  { namespaceId, tenantId, keys }: KvScope & { keys: readonly string[] },
): Promise<number> {
  const { rowCount } = await database.run(statements.delete, [namespaceId, keys, tenantId]);
  return rowCount;
}

/** Keys with the prefix, in the order of their bytes. @throws AppError `database_unavailable` */
export async function listKvEntries(database: Database, query: KvListQuery): Promise<KvListItem[]> {
  const { namespaceId, tenantId, prefix, after = '', limit } = query;
  const values = [namespaceId, tenantId, prefix, after, limit];
  const { rows } = await database.run<Omit<EntryRow, 'value' | 'encoding'>>(
    statements.list,
    values,
  );
  return rows.map(({ key, metadata, expires_at: expiresAt }) => ({
    key,
    metadata: metadata ?? undefined,
    expiresAt: expiresAt ?? undefined,
  }));
}

/** Removes up to `limit` entries that have expired, and answers how many there were. @throws AppError `database_unavailable` */
export async function sweepKvEntries(database: Database, limit: number): Promise<number> {
  const { rowCount } = await database.run(statements.sweep, [limit]);
  return rowCount;
}

function toEntry(row: EntryRow): KvEntry {
  return {
    value: row.value,
    encoding: row.encoding,
    metadata: row.metadata ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  };
}
