import { usageError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';

export const createCommand: Command = {
  name: 'create',
  summary: 'create a worker; its name becomes its host name',
  arguments: [
    { name: 'name', summary: 'lower-case letters, digits and hyphens, at most 52 characters' },
  ],
  options: [
    { flags: '-d, --description <text>', summary: 'what it is for' },
    {
      // The language of a version follows the file that is deployed.
      flags: '-l, --language <language>',
      summary: 'accepted for compatibility: javascript or typescript',
      isHidden: true,
    },
  ],
  async run(context, input) {
    const language = input.option('language') ?? 'typescript';
    if (language !== 'typescript' && language !== 'javascript') {
      throw usageError(`unknown language "${language}"`, 'use javascript or typescript');
    }
    const description = input.option('description');
    const backend = await context.backend();
    const worker = await backend.createWorker({
      name: input.argument('name'),
      ...(description !== undefined && { description }),
    });
    const next = context.commandLine(`workers deploy ${worker.name} FILE`);
    context.print(worker, `Created ${worker.name}. Deploy it: ${next}`);
  },
};
