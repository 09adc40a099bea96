import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { inClientTransaction } from './admin-client.ts';

const accessFile = fileURLToPath(new URL('../access.sql', import.meta.url));

/**
 * Everything about policies and grants that `access.sql` decides, as one digest. It shows that a
 * restore, a migration or a hand has changed something since.
 */
const stateQuery = `
  select encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' order by line), ''), 'utf8')), 'hex')
    as state
  from (
    select format('%s %s %s %s %s', tablename, policyname, roles, qual, with_check)
      from pg_policies where schemaname = 'public'
    union all
    select format('%s %s', oid::regclass, relacl) from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    union all
    select format('%s.%s %s', attrelid::regclass, attname, attacl) from pg_attribute
      where attacl is not null
        and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
  ) as lines (line)`;

/**
 * Gives the group roles exactly what `access.sql` says. Nothing is touched, and so nothing locked,
 * when that is what they have. The caller holds the schema lock.
 */
export async function applyAccess(client: Client): Promise<void> {
  const sql = await readFile(accessFile, 'utf8');
  const sha256 = createHash('sha256').update(sql).digest('hex');
  await client.query(`create table if not exists schema_access (
    only_row boolean primary key default true check (only_row),
    sha256 text not null,
    state text not null
  )`);
  const stored = await client.query<{ sha256: string; state: string }>(
    'select sha256, state from schema_access',
  );
  const [row] = stored.rows;
  if (row?.sha256 === sha256 && row.state === (await readState(client))) return;
  await inClientTransaction(client, async () => {
    await client.query(sql);
    await client.query(
      `insert into schema_access (sha256, state) values ($1, $2)
       on conflict (only_row) do update set sha256 = excluded.sha256, state = excluded.state`,
      [sha256, await readState(client)],
    );
  });
}

async function readState(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ state: string }>(stateQuery);
  return rows[0]?.state;
}
