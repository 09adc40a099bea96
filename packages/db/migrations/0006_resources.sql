-- What workers reach through bindings: key-value namespaces, object storages, SQL databases.

create table kv_namespaces (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 100),
  "desc" text check (char_length("desc") <= 255),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, name),
  unique (id, tenant_id)
);
create trigger kv_namespaces_touch before update on kv_namespaces
  for each row execute function touch_updated_at();

create table kv_entries (
  namespace_id uuid not null,
  -- Compared by bytes: lists are in the order of UTF-8, and a prefix is a range of the index.
  key text collate "C" not null check (octet_length(key) between 1 and 512),
  tenant_id uuid not null,
  value bytea not null check (octet_length(value) <= 25 * 1024 * 1024),
  -- What was put: a text, bytes, or JSON.
  encoding text not null check (encoding in ('text', 'bytes', 'json')),
  metadata text check (octet_length(metadata) <= 1024),
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (namespace_id, key),
  foreign key (namespace_id, tenant_id) references kv_namespaces (id, tenant_id) on delete cascade
);
create index kv_entries_tenant on kv_entries (tenant_id, namespace_id);
create index kv_entries_expiry on kv_entries (expires_at) where expires_at is not null;

create table storages (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 100),
  "desc" text check (char_length("desc") <= 255),
  -- `platform`: the platform's own store, where nothing can be chosen; its credentials are a setting.
  provider text not null check (provider in ('platform', 's3')),
  bucket text check (char_length(bucket) between 1 and 255),
  prefix text check (char_length(prefix) <= 255),
  endpoint text check (char_length(endpoint) <= 255),
  region text check (char_length(region) <= 50),
  public_url text check (char_length(public_url) <= 255),
  -- Access key id and secret, as sealed JSON.
  credentials bytea check (octet_length(credentials) <= 4096),
  key_id text check (char_length(key_id) between 1 and 100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, name),
  unique (id, tenant_id),
  constraint storages_complete check (
    case provider
      when 'platform' then
        num_nonnulls(bucket, prefix, endpoint, region, public_url, credentials, key_id) = 0
      else num_nulls(bucket, endpoint, credentials, key_id) = 0
    end
  )
);
create trigger storages_touch before update on storages
  for each row execute function touch_updated_at();

create table databases (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 100),
  "desc" text check (char_length("desc") <= 255),
  -- `platform`: a database of this server with a login of its own; `postgres`: the tenant's server.
  provider text not null check (provider in ('platform', 'postgres')),
  -- Of a `platform` database: its name, and that of its login.
  database_name text unique check (database_name ~ '^ow_db_[0-9a-f]{32}$'),
  -- The login's password, or the tenant's connection string; sealed.
  connection bytea not null check (octet_length(connection) <= 8192),
  key_id text not null check (char_length(key_id) between 1 and 100),
  max_rows integer not null default 1000 check (max_rows between 1 and 10000),
  timeout_seconds integer not null default 30 check (timeout_seconds between 1 and 300),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, name),
  unique (id, tenant_id),
  constraint databases_complete check ((provider = 'platform') = (database_name is not null))
);
create trigger databases_touch before update on databases
  for each row execute function touch_updated_at();

-- Which of the two shapes of methods a binding has, where one object cannot carry both.
alter table environment_values
  add column shape text not null default 'openworkers'
    check (shape in ('openworkers', 'cloudflare')),
  add column target_kv_id uuid,
  add column target_storage_id uuid,
  add column target_database_id uuid,
  -- The tenant is part of each key: what belongs to somebody else cannot be bound.
  add foreign key (target_kv_id, tenant_id) references kv_namespaces (id, tenant_id),
  add foreign key (target_storage_id, tenant_id) references storages (id, tenant_id),
  add foreign key (target_database_id, tenant_id) references databases (id, tenant_id),
  drop constraint environment_values_typed,
  add constraint environment_values_typed check (
    num_nonnulls(
      value, ciphertext, target_worker_id, target_kv_id, target_storage_id, target_database_id
    ) = 1
    and (ciphertext is null) = (key_id is null)
    and case type
      when 'var' then value is not null
      when 'secret' then ciphertext is not null
      when 'worker' then target_worker_id is not null
      when 'kv' then target_kv_id is not null
      when 'database' then target_database_id is not null
      else target_storage_id is not null
    end
  );
create index environment_values_kv on environment_values (target_kv_id, tenant_id);
create index environment_values_storage on environment_values (target_storage_id, tenant_id);
create index environment_values_database on environment_values (target_database_id, tenant_id);

-- A changed storage or database makes a new revision of the environments that bind it.
create function raise_bound_revisions() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update environments set revision = revision + 1
    where id in (
      select environment_id from environment_values
      where new.id in (target_storage_id, target_database_id)
    );
  return null;
end
$$;
create trigger storages_revision after update on storages
  for each row execute function raise_bound_revisions();
create trigger databases_revision after update on databases
  for each row execute function raise_bound_revisions();

alter table kv_namespaces enable row level security;
alter table kv_entries enable row level security;
alter table storages enable row level security;
alter table databases enable row level security;
create policy tenant_rows on kv_namespaces using (tenant_id = ow_tenant_id());
create policy tenant_rows on kv_entries using (tenant_id = ow_tenant_id());
create policy tenant_rows on storages using (tenant_id = ow_tenant_id());
create policy tenant_rows on databases using (tenant_id = ow_tenant_id());
