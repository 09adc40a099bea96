create table worker_versions (
  worker_id uuid not null,
  version integer not null check (version >= 1),
  tenant_id uuid not null,
  code_type text not null check (code_type in ('javascript', 'typescript')),
  -- Prepared code: what an isolate evaluates.
  code bytea not null check (octet_length(code) <= 64 * 1024 * 1024),
  source_map bytea check (octet_length(source_map) <= 128 * 1024 * 1024),
  hash text not null generated always as (encode(sha256(code), 'hex')) stored,
  size_bytes integer not null generated always as (octet_length(code)) stored,
  message text check (char_length(message) <= 1000),
  -- A user id without a foreign key: the row never changes, not even when the user goes.
  deployed_by uuid not null,
  deployed_at timestamptz not null default now(),
  primary key (worker_id, version),
  foreign key (worker_id, tenant_id) references workers (id, tenant_id) on delete cascade
);
create index worker_versions_tenant on worker_versions (tenant_id, worker_id, version desc);
create trigger worker_versions_immutable before update on worker_versions
  for each row execute function refuse_change();

-- What serves: one row, or several whose shares add up to 100. The foreign key to the version keeps
-- a serving version from being deleted.
create table worker_serving (
  worker_id uuid not null,
  version integer not null,
  tenant_id uuid not null,
  percent integer not null check (percent between 1 and 100),
  primary key (worker_id, version),
  foreign key (worker_id, tenant_id) references workers (id, tenant_id) on delete cascade,
  foreign key (worker_id, version) references worker_versions (worker_id, version)
);
create index worker_serving_tenant on worker_serving (tenant_id, worker_id);

create function check_serving_shares() returns trigger language plpgsql as $$
declare
  v_worker_id uuid := coalesce(new.worker_id, old.worker_id);
  v_total bigint;
begin
  select sum(percent) into v_total from worker_serving where worker_id = v_worker_id;
  if v_total <> 100 then
    raise exception 'the shares of worker % add up to %, not 100', v_worker_id, v_total
      using errcode = 'check_violation';
  end if;
  return null;
end
$$;
create constraint trigger worker_serving_shares
  after insert or update or delete on worker_serving
  deferrable initially deferred
  for each row execute function check_serving_shares();

alter table worker_versions enable row level security;
alter table worker_serving enable row level security;
create policy tenant_rows on worker_versions using (tenant_id = ow_tenant_id());
create policy tenant_rows on worker_serving using (tenant_id = ow_tenant_id());

-- Writes the next version and lets it serve everything. Runs with the caller's rights. Returns no
-- row when the tenant has no such worker. The update comes first: its row lock puts concurrent
-- deploys of one worker in order.
create function deploy_version(
  p_tenant_id uuid,
  p_worker_id uuid,
  p_code_type text,
  p_code bytea,
  p_source_map bytea,
  p_message text,
  p_actor_id uuid,
  p_kept_versions integer
) returns table (version integer, hash text, size_bytes integer, deployed_at timestamptz)
  language plpgsql set search_path = public, pg_temp as $$
declare
  v_version integer;
begin
  update workers w set last_version = w.last_version + 1
    where w.id = p_worker_id and w.tenant_id = p_tenant_id
    returning w.last_version into v_version;
  if not found then
    return;
  end if;

  insert into worker_versions as v
      (worker_id, version, tenant_id, code_type, code, source_map, message, deployed_by)
    values (p_worker_id, v_version, p_tenant_id, p_code_type, p_code, p_source_map, p_message,
      p_actor_id)
    returning v.version, v.hash, v.size_bytes, v.deployed_at
    into version, hash, size_bytes, deployed_at;

  delete from worker_serving s where s.worker_id = p_worker_id;
  insert into worker_serving (worker_id, version, tenant_id, percent)
    values (p_worker_id, v_version, p_tenant_id, 100);

  delete from worker_versions v
    where v.worker_id = p_worker_id and v.version <= v_version - p_kept_versions;

  insert into audit_log (tenant_id, actor_id, action, target_id, details)
    values (p_tenant_id, p_actor_id, 'worker.deploy', p_worker_id::text,
      jsonb_build_object('version', v_version, 'hash', hash));
  return next;
end
$$;
