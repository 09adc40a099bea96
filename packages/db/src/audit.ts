import { sql } from 'kysely';
import type { Queries } from './database.ts';

interface AuditRecord {
  readonly tenantId: string;
  /** The user who did it. */
  readonly actorId: string;
  /** `noun.verb`. */
  readonly action: string;
  readonly targetId: string;
  /** What changed; never a secret. */
  readonly details: Readonly<Record<string, string | number | null>>;
}

/** Notes a change, in the transaction that makes it. */
export async function audit(queries: Queries, record: AuditRecord): Promise<void> {
  await queries
    .insertInto('audit_log')
    .values({
      tenant_id: record.tenantId,
      actor_id: record.actorId,
      action: record.action,
      target_id: record.targetId,
      details: sql`${JSON.stringify(record.details)}::jsonb`,
    })
    .execute();
}
