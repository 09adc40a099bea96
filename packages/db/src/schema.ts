import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

type Timestamp = ColumnType<Date, Date | undefined, Date>;

interface TenantsTable {
  id: Generated<string>;
  kind: Generated<'personal' | 'team'>;
  created_at: Timestamp;
}

interface UsersTable {
  id: Generated<string>;
  tenant_id: string;
  username: string;
  role: Generated<'user' | 'admin'>;
  limit_workers: Generated<number>;
  limit_environments: Generated<number>;
  limit_databases: Generated<number>;
  limit_kv: Generated<number>;
  limit_storage: Generated<number>;
  second_precision: Generated<boolean>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface TenantMembersTable {
  tenant_id: string;
  user_id: string;
  role: 'owner' | 'admin' | 'developer' | 'viewer';
  created_at: Timestamp;
}

interface AuditLogTable {
  id: GeneratedAlways<number>;
  tenant_id: string;
  actor_id: string | null;
  action: string;
  target_id: string;
  details: Generated<unknown>;
  at: Timestamp;
}

interface EnvironmentsTable {
  id: Generated<string>;
  tenant_id: string;
  name: string;
  desc: string | null;
  revision: Generated<number>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface WorkersTable {
  id: Generated<string>;
  tenant_id: string;
  name: string | null;
  desc: string | null;
  environment_id: string | null;
  last_version: Generated<number>;
  is_system: Generated<boolean>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface NamesTable {
  name: string;
  tenant_id: string;
  worker_id: string;
}

interface WorkerLimitsTable {
  worker_id: string;
  tenant_id: string;
  cpu_ms: number | null;
  wall_ms: number | null;
  memory_bytes: number | null;
  concurrency: number | null;
  open_streams: number | null;
  request_body_bytes: number | null;
  idle_ms: number | null;
  wait_until_ms: number | null;
  startup_cpu_ms: number | null;
  timers: number | null;
}

interface DomainsTable {
  name: string;
  tenant_id: string;
  worker_id: string;
  verified_at: Date | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface WorkerVersionsTable {
  worker_id: string;
  version: number;
  tenant_id: string;
  code_type: 'javascript' | 'typescript';
  code: Uint8Array;
  source_map: Uint8Array | null;
  hash: GeneratedAlways<string>;
  size_bytes: GeneratedAlways<number>;
  message: string | null;
  deployed_by: string;
  deployed_at: Timestamp;
}

interface WorkerServingTable {
  worker_id: string;
  version: number;
  tenant_id: string;
  percent: number;
}

interface EnvironmentValuesTable {
  id: Generated<string>;
  environment_id: string;
  tenant_id: string;
  key: string;
  type: 'var' | 'secret' | 'assets' | 'storage' | 'kv' | 'database' | 'worker';
  value: string | null;
  ciphertext: Uint8Array | null;
  key_id: string | null;
  shape: Generated<'openworkers' | 'cloudflare'>;
  target_worker_id: string | null;
  target_kv_id: string | null;
  target_storage_id: string | null;
  target_database_id: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface KvNamespacesTable {
  id: Generated<string>;
  tenant_id: string;
  name: string;
  desc: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface KvEntriesTable {
  namespace_id: string;
  key: string;
  tenant_id: string;
  value: Uint8Array;
  encoding: 'text' | 'bytes' | 'json';
  metadata: string | null;
  expires_at: Date | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface StoragesTable {
  id: Generated<string>;
  tenant_id: string;
  name: string;
  desc: string | null;
  provider: 'platform' | 's3';
  bucket: string | null;
  prefix: string | null;
  endpoint: string | null;
  region: string | null;
  public_url: string | null;
  credentials: Uint8Array | null;
  key_id: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface DatabasesTable {
  id: Generated<string>;
  tenant_id: string;
  name: string;
  desc: string | null;
  provider: 'platform' | 'postgres';
  database_name: string | null;
  connection: Uint8Array;
  key_id: string;
  max_rows: Generated<number>;
  timeout_seconds: Generated<number>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface DatabaseTokensTable {
  id: Generated<string>;
  tenant_id: string;
  database_id: string;
  name: string;
  token_hash: Uint8Array;
  token_prefix: string;
  allowed_operations: string[];
  expires_at: Date | null;
  last_used_at: Date | null;
  created_at: Timestamp;
}

/** The tables as kysely sees them. */
export interface Schema {
  tenants: TenantsTable;
  users: UsersTable;
  tenant_members: TenantMembersTable;
  audit_log: AuditLogTable;
  environments: EnvironmentsTable;
  workers: WorkersTable;
  names: NamesTable;
  worker_limits: WorkerLimitsTable;
  domains: DomainsTable;
  worker_versions: WorkerVersionsTable;
  worker_serving: WorkerServingTable;
  environment_values: EnvironmentValuesTable;
  kv_namespaces: KvNamespacesTable;
  kv_entries: KvEntriesTable;
  storages: StoragesTable;
  databases: DatabasesTable;
  database_tokens: DatabaseTokensTable;
}
