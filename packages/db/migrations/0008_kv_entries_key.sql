-- One index instead of two. With both, a statement that was planned while the table was small could
-- go by tenant and namespace alone and read a whole namespace for one key (900 gets took over 30 s).
alter table kv_entries
  drop constraint kv_entries_pkey,
  add primary key (tenant_id, namespace_id, key);
drop index kv_entries_tenant;
