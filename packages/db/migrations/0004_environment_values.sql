create table environment_values (
  id uuid primary key default gen_random_uuid(),
  environment_id uuid not null,
  tenant_id uuid not null,
  key text not null check (key ~ '^[A-Za-z_][A-Za-z0-9_]{0,63}$'),
  type text not null
    check (type in ('var', 'secret', 'assets', 'storage', 'kv', 'database', 'worker')),
  -- Of a `var`.
  value text check (octet_length(value) <= 64 * 1024),
  -- Of a `secret`, with the id of the key that sealed it; some room for nonce and tag.
  ciphertext bytea check (octet_length(ciphertext) <= 64 * 1024 + 256),
  key_id text check (char_length(key_id) between 1 and 100),
  -- Of a `worker`. The tenant is part of the key: a foreign worker cannot be bound.
  target_worker_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (environment_id, key),
  foreign key (environment_id, tenant_id) references environments (id, tenant_id)
    on delete cascade,
  foreign key (target_worker_id, tenant_id) references workers (id, tenant_id),
  constraint environment_values_typed check (
    case type
      when 'var' then
        value is not null and num_nonnulls(ciphertext, key_id, target_worker_id) = 0
      when 'secret' then
        ciphertext is not null and key_id is not null
        and num_nonnulls(value, target_worker_id) = 0
      when 'worker' then
        target_worker_id is not null and num_nonnulls(value, ciphertext, key_id) = 0
      -- The other types come with their tables.
      else false
    end
  )
);
create index environment_values_tenant on environment_values (tenant_id, environment_id, key);
create index environment_values_worker on environment_values (target_worker_id, tenant_id);
create trigger environment_values_touch before update on environment_values
  for each row execute function touch_updated_at();

-- Runs as the owner: no role may set a revision itself.
create function raise_environment_revision() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update environments set revision = revision + 1
    where id in (new.environment_id, old.environment_id);
  return null;
end
$$;
create trigger environment_values_revision after insert or update or delete on environment_values
  for each row execute function raise_environment_revision();

alter table environment_values enable row level security;
create policy tenant_rows on environment_values using (tenant_id = ow_tenant_id());
