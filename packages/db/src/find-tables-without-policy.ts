import type { Secret } from '@openworkers/core';
import { withAdminClient } from './admin-client.ts';

/**
 * A policy that is not for one of the platform's trusted roles must compare with the tenant that is
 * set; an index must start with `tenant_id`, or each such comparison reads the whole table.
 */
const query = `
  with tenant_tables as (
    select c.oid, c.relname, c.relrowsecurity, a.attnum
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  )
  select relname as "table", problem
  from tenant_tables t
  cross join lateral (values
    ('row-level security is not enabled', not relrowsecurity),
    ('no policy names ow_tenant_id()', not exists (
      select from pg_policies p
      where p.schemaname = 'public' and p.tablename = t.relname
        and p.qual like '%ow_tenant_id()%')),
    ('a policy without ow_tenant_id() applies to ow_api or everybody', exists (
      select from pg_policies p
      where p.schemaname = 'public' and p.tablename = t.relname
        and p.roles && array['public', 'ow_api']::name[]
        and (coalesce(p.qual, 'ow_tenant_id()') not like '%ow_tenant_id()%'
          or coalesce(p.with_check, 'ow_tenant_id()') not like '%ow_tenant_id()%'))),
    ('no index starts with tenant_id', not exists (
      select from pg_index i
      where i.indrelid = t.oid and i.indkey[0] = t.attnum and i.indpred is null))
  ) as checks (problem, is_found)
  where is_found
  union all
  select c.relname, 'ow_api may use it, but row-level security is not enabled'
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not c.relrowsecurity
    and has_any_column_privilege('ow_api', c.oid, 'select, insert, update')
  order by 1, 2`;

export interface PolicyProblem {
  table: string;
  problem: string;
}

/**
 * Tables that row-level security does not protect as it should: those with a `tenant_id`, and those
 * that the API's role may use. The schema and its roles must have been made before.
 */
export async function findTablesWithoutPolicy(connectionString: Secret): Promise<PolicyProblem[]> {
  return withAdminClient(
    connectionString,
    async (client) => (await client.query<PolicyProblem>(query)).rows,
  );
}
