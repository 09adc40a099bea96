import { migrate } from '@openworkers/db';
import type { Command } from '../../command.ts';
import { ownerUrl } from './owner-url.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'bring the schema up to date',
  async run(context) {
    const result = await migrate({ connectionString: await ownerUrl(context) });
    const text =
      result.applied.length === 0
        ? `The schema is up to date (version ${result.version})`
        : [...result.applied.map((name) => `applied ${name}`), `Now at version ${result.version}`];
    context.print(result, [text].flat().join('\n'));
  },
};
