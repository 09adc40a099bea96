-- The tenant whose rows a statement may see, set per transaction by `withTenant`; null when none
-- is set, so that a policy comparing with it shows nothing.
create function ow_tenant_id() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('ow.tenant_id', true), '')::uuid;

create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % cannot be changed (%)', tg_table_name, lower(tg_op)
    using errcode = 'restrict_violation';
end
$$;

-- Kinds and roles are text with a check instead of enum types: a migration may add a value and use
-- it in the same transaction.
create table tenants (
  id uuid primary key default gen_random_uuid(),
  kind text not null default 'personal' check (kind in ('personal', 'team')),
  created_at timestamptz not null default now()
);

create table users (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id) on delete cascade,
  username text not null check (char_length(username) between 1 and 254),
  role text not null default 'user' check (role in ('user', 'admin')),
  limit_workers integer not null default 5 check (limit_workers >= 0),
  limit_environments integer not null default 5 check (limit_environments >= 0),
  limit_databases integer not null default 3 check (limit_databases >= 0),
  limit_kv integer not null default 3 check (limit_kv >= 0),
  limit_storage integer not null default 3 check (limit_storage >= 0),
  second_precision boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_username on users (lower(username));
create unique index users_tenant on users (tenant_id);
create trigger users_touch before update on users
  for each row execute function touch_updated_at();

create table tenant_members (
  tenant_id uuid not null references tenants (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'developer', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id)
);
create index tenant_members_user on tenant_members (user_id);

-- No foreign keys: the record outlives the tenant, the user and the thing.
create table audit_log (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  actor_id uuid,
  action text not null check (char_length(action) between 1 and 100),
  target_id text not null check (char_length(target_id) <= 255),
  details jsonb not null default '{}',
  at timestamptz not null default now()
);
create index audit_log_tenant on audit_log (tenant_id, id desc);
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function refuse_change();
create trigger audit_log_no_truncate before truncate on audit_log
  for each statement execute function refuse_change();

-- Row-level security is not forced on the owner: no part logs in as the owner at run time, and
-- pg_dump as the owner must see every row.
alter table tenants enable row level security;
alter table users enable row level security;
alter table tenant_members enable row level security;
alter table audit_log enable row level security;

create policy tenant_rows on tenants using (id = ow_tenant_id());
create policy tenant_rows on users using (tenant_id = ow_tenant_id());
create policy tenant_rows on tenant_members using (tenant_id = ow_tenant_id());
create policy tenant_rows on audit_log using (tenant_id = ow_tenant_id());
