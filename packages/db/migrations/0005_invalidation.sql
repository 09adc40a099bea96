-- Runners cache routes, code and environments. Each change of what they cache sends the id, and
-- nothing else, on channel `ow_invalidate` when it commits; PostgreSQL drops duplicates within a
-- transaction. The argument of each trigger is the kind, then the column that holds the id.
create function notify_invalidation() returns trigger language plpgsql as $$
declare
  v_old text := to_jsonb(old) ->> tg_argv[1];
  v_new text := to_jsonb(new) ->> tg_argv[1];
begin
  if v_old is not null then
    perform pg_notify('ow_invalidate', json_build_object(tg_argv[0], v_old)::text);
  end if;
  if v_new is not null and v_new is distinct from v_old then
    perform pg_notify('ow_invalidate', json_build_object(tg_argv[0], v_new)::text);
  end if;
  return null;
end
$$;

create trigger workers_notify_deleted after delete on workers
  for each row execute function notify_invalidation('worker', 'id');
create trigger workers_notify after update of environment_id, is_system on workers
  for each row execute function notify_invalidation('worker', 'id');
create trigger worker_serving_notify after insert or update or delete on worker_serving
  for each row execute function notify_invalidation('worker', 'worker_id');
create trigger worker_limits_notify after insert or update or delete on worker_limits
  for each row execute function notify_invalidation('worker', 'worker_id');
create trigger names_notify after insert or update or delete on names
  for each row execute function notify_invalidation('host', 'name');
create trigger domains_notify after insert or update or delete on domains
  for each row execute function notify_invalidation('host', 'name');
create trigger environments_notify_deleted after delete on environments
  for each row execute function notify_invalidation('environment', 'id');
create trigger environments_notify after update of revision on environments
  for each row execute function notify_invalidation('environment', 'id');
