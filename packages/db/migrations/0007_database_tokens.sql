-- Tokens that open one SQL database through Postgate. Nobody can read one back: only its hash is here.

create table database_tokens (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  database_id uuid not null,
  name text not null check (char_length(name) between 1 and 100),
  -- SHA-256 of the token.
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  -- Its first characters, so that people can tell tokens apart.
  token_prefix text not null check (char_length(token_prefix) between 1 and 16),
  -- Nothing in it: nothing is allowed.
  allowed_operations text[] not null check (
    allowed_operations <@ array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP']
    and array_position(allowed_operations, null) is null
  ),
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  unique (database_id, name),
  foreign key (database_id, tenant_id) references databases (id, tenant_id) on delete cascade
);
create index database_tokens_tenant on database_tokens (tenant_id, database_id);

alter table database_tokens enable row level security;
create policy tenant_rows on database_tokens using (tenant_id = ow_tenant_id());
