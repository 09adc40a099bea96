import { migrationStatus } from '@openworkers/db';
import type { Command } from '../../command.ts';
import { formatTable } from '../../format-table.ts';
import { ownerUrl } from './owner-url.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'show which migrations are applied; changes nothing',
  async run(context) {
    const status = await migrationStatus({ connectionString: await ownerUrl(context) });
    const rows = status.entries.map(({ name, state, appliedAt }) => [
      name,
      state,
      appliedAt?.toISOString() ?? '',
    ]);
    const verdict = status.isCurrent
      ? 'The schema is up to date.'
      : 'The schema is not what this program expects.';
    context.print(status, `${formatTable(['migration', 'state', 'applied'], rows)}\n${verdict}`);
  },
};
