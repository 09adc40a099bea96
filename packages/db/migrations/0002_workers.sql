create table environments (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 100),
  "desc" text check (char_length("desc") <= 255),
  -- Grows with every change of a value; runners key their isolates by it.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, name),
  -- Target of the composite foreign keys through which an owner is checked.
  unique (id, tenant_id)
);
create trigger environments_touch before update on environments
  for each row execute function touch_updated_at();

create table workers (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id) on delete cascade,
  -- Null for a worker that is reached only through a project. Unique through table `names`.
  name text,
  "desc" text check (char_length("desc") <= 255),
  environment_id uuid,
  -- The highest version number ever given out; never lowered, so that no number is used twice.
  last_version integer not null default 0 check (last_version >= 0),
  is_system boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, tenant_id),
  foreign key (environment_id, tenant_id) references environments (id, tenant_id)
    on delete set null (environment_id)
);
create index workers_tenant on workers (tenant_id, created_at desc, id);
create index workers_environment on workers (environment_id, tenant_id);
create trigger workers_touch before update on workers
  for each row execute function touch_updated_at();

-- One namespace for workers and, later, projects. Written by triggers only.
create table names (
  name text primary key check (
    name ~ '^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$'
    and name !~ '--'
    and name !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  ),
  tenant_id uuid not null,
  worker_id uuid not null,
  foreign key (worker_id, tenant_id) references workers (id, tenant_id) on delete cascade
);
create index names_tenant on names (tenant_id, name);
create unique index names_worker on names (worker_id);

-- Runs as the owner: no role may write `names` itself.
create function claim_worker_name() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    if new.name is not distinct from old.name then
      return null;
    end if;
    delete from names where worker_id = new.id;
  end if;
  if new.name is not null then
    insert into names (name, tenant_id, worker_id) values (new.name, new.tenant_id, new.id);
  end if;
  return null;
end
$$;
create trigger workers_claim_name after insert or update of name on workers
  for each row execute function claim_worker_name();

-- Overrides of the platform's limits; null means the platform's value. Columns are named after
-- the keys of the limits table in `core`.
create table worker_limits (
  worker_id uuid primary key,
  tenant_id uuid not null,
  cpu_ms integer check (cpu_ms > 0),
  wall_ms integer check (wall_ms > 0),
  memory_bytes bigint check (memory_bytes > 0),
  concurrency integer check (concurrency > 0),
  open_streams integer check (open_streams > 0),
  request_body_bytes bigint check (request_body_bytes >= 0),
  idle_ms integer check (idle_ms > 0),
  wait_until_ms integer check (wait_until_ms >= 0),
  startup_cpu_ms integer check (startup_cpu_ms > 0),
  timers integer check (timers >= 0),
  foreign key (worker_id, tenant_id) references workers (id, tenant_id) on delete cascade
);
create index worker_limits_tenant on worker_limits (tenant_id, worker_id);

create table domains (
  name text primary key check (
    char_length(name) <= 253
    and name ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
  ),
  tenant_id uuid not null,
  worker_id uuid not null,
  -- Requests are routed only once the tenant has proved to own the name.
  verified_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (worker_id, tenant_id) references workers (id, tenant_id) on delete cascade
);
create index domains_tenant on domains (tenant_id, name);
create index domains_worker on domains (worker_id, tenant_id);
create trigger domains_touch before update on domains
  for each row execute function touch_updated_at();

alter table environments enable row level security;
alter table workers enable row level security;
alter table names enable row level security;
alter table worker_limits enable row level security;
alter table domains enable row level security;

create policy tenant_rows on environments using (tenant_id = ow_tenant_id());
create policy tenant_rows on workers using (tenant_id = ow_tenant_id());
create policy tenant_rows on names using (tenant_id = ow_tenant_id());
create policy tenant_rows on worker_limits using (tenant_id = ow_tenant_id());
create policy tenant_rows on domains using (tenant_id = ow_tenant_id());
