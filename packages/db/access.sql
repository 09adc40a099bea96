-- What each part may do: the whole list, applied as one piece by `ensureRoles` whenever it differs
-- from what the database has. The group roles hold the grants; parts log in as members of them.
--
-- ow_runner  reads what a request needs, of every tenant; writes key-value entries, and nothing else
-- ow_api     the control plane: subject to row-level security (policies `tenant_rows`)
-- ow_cli     direct backend of `ow`: the rows of every tenant, no schema changes
-- ow_postgate  runs tenants' SQL in tenants' own databases: reads which those are, and nothing else

do $$
declare
  v_policy record;
begin
  for v_policy in
    select policyname, tablename from pg_policies
    where schemaname = 'public' and roles && array['ow_runner', 'ow_api', 'ow_cli', 'ow_postgate']::name[]
  loop
    execute format('drop policy %I on public.%I', v_policy.policyname, v_policy.tablename);
  end loop;

  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to ow_runner, ow_api, ow_cli, ow_postgate', current_database());
end
$$;

revoke all on all tables in schema public from ow_runner, ow_api, ow_cli, ow_postgate;
revoke create on schema public from public;
grant usage on schema public to ow_runner, ow_api, ow_cli, ow_postgate;

revoke execute on function
  deploy_version(uuid, uuid, text, bytea, bytea, text, uuid, integer) from public;
grant execute on function
  deploy_version(uuid, uuid, text, bytea, bytea, text, uuid, integer) to ow_api, ow_cli;

-- ow_runner
grant select on
  environments, workers, names, worker_limits, domains, worker_versions, worker_serving,
  environment_values, kv_namespaces, storages, databases
  to ow_runner;
grant select, insert, update, delete on kv_entries to ow_runner;
create policy runner_reads on kv_namespaces for select to ow_runner using (true);
create policy runner_reads on storages for select to ow_runner using (true);
create policy runner_reads on databases for select to ow_runner using (true);
create policy runner_rows on kv_entries to ow_runner using (true);
create policy runner_reads on environments for select to ow_runner using (true);
create policy runner_reads on workers for select to ow_runner using (true);
create policy runner_reads on names for select to ow_runner using (true);
create policy runner_reads on worker_limits for select to ow_runner using (true);
create policy runner_reads on domains for select to ow_runner using (true);
create policy runner_reads on worker_versions for select to ow_runner using (true);
create policy runner_reads on worker_serving for select to ow_runner using (true);
create policy runner_reads on environment_values for select to ow_runner using (true);

-- ow_api: columns that it must not choose (is_system, revision, verified_at, limits) are left out.
grant select on
  tenants, users, tenant_members, audit_log, environments, workers, names, worker_limits, domains,
  worker_versions, worker_serving, environment_values, kv_namespaces, kv_entries, storages, databases,
  database_tokens
  to ow_api;
grant insert (id, tenant_id, database_id, name, token_hash, token_prefix, allowed_operations, expires_at),
  delete
  on database_tokens to ow_api;
grant insert (id, tenant_id, name, "desc"), update (name, "desc"), delete on kv_namespaces to ow_api;
grant insert (namespace_id, key, tenant_id, value, encoding, metadata, expires_at),
  update (value, encoding, metadata, expires_at, updated_at), delete
  on kv_entries to ow_api;
grant insert (id, tenant_id, name, "desc", provider, bucket, prefix, endpoint, region, public_url,
    credentials, key_id),
  update (name, "desc", bucket, prefix, endpoint, region, public_url, credentials, key_id), delete
  on storages to ow_api;
grant insert (id, tenant_id, name, "desc", provider, database_name, connection, key_id, max_rows,
    timeout_seconds),
  update (name, "desc", connection, key_id, max_rows, timeout_seconds), delete
  on databases to ow_api;
grant insert (id, tenant_id, name, "desc"), update (name, "desc"), delete on environments to ow_api;
grant insert (id, environment_id, tenant_id, key, type, value, ciphertext, key_id, shape,
    target_worker_id, target_kv_id, target_storage_id, target_database_id),
  update (key, type, value, ciphertext, key_id, shape,
    target_worker_id, target_kv_id, target_storage_id, target_database_id), delete
  on environment_values to ow_api;
grant insert (id, tenant_id, name, "desc", environment_id),
  update (name, "desc", environment_id, last_version), delete
  on workers to ow_api;
grant insert (name, tenant_id, worker_id), update (worker_id), delete on domains to ow_api;
grant insert (worker_id, version, tenant_id, code_type, code, source_map, message, deployed_by),
  delete
  on worker_versions to ow_api;
grant insert (worker_id, version, tenant_id, percent), update (percent), delete
  on worker_serving to ow_api;
grant insert (tenant_id, actor_id, action, target_id, details) on audit_log to ow_api;

-- ow_cli
grant select on schema_migrations to ow_cli;
grant select, insert, update, delete on
  tenants, users, tenant_members, environments, workers, worker_limits, domains, worker_serving,
  environment_values, kv_namespaces, kv_entries, storages, databases, database_tokens
  to ow_cli;
grant select, insert, delete on worker_versions to ow_cli;
grant select, insert on audit_log to ow_cli;
grant select on names to ow_cli;
create policy operator_rows on tenants to ow_cli using (true);
create policy operator_rows on users to ow_cli using (true);
create policy operator_rows on tenant_members to ow_cli using (true);
create policy operator_rows on audit_log to ow_cli using (true);
create policy operator_rows on environments to ow_cli using (true);
create policy operator_rows on workers to ow_cli using (true);
create policy operator_rows on names to ow_cli using (true);
create policy operator_rows on worker_limits to ow_cli using (true);
create policy operator_rows on domains to ow_cli using (true);
create policy operator_rows on worker_versions to ow_cli using (true);
create policy operator_rows on worker_serving to ow_cli using (true);
create policy operator_rows on environment_values to ow_cli using (true);
create policy operator_rows on kv_namespaces to ow_cli using (true);
create policy operator_rows on kv_entries to ow_cli using (true);
create policy operator_rows on storages to ow_cli using (true);
create policy operator_rows on databases to ow_cli using (true);
create policy operator_rows on database_tokens to ow_cli using (true);

-- ow_postgate
grant select on databases, database_tokens to ow_postgate;
grant update (last_used_at) on database_tokens to ow_postgate;
create policy postgate_reads on databases for select to ow_postgate using (true);
create policy postgate_rows on database_tokens to ow_postgate using (true);
