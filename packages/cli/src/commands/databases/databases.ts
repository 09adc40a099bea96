import type { Noun } from '../../command.ts';
import { createCommand } from './create.ts';
import { deleteCommand } from './delete.ts';
import { getCommand } from './get.ts';
import { listCommand } from './list.ts';

export const databases: Noun = {
  name: 'databases',
  aliases: ['d', 'db', 'database'],
  summary: 'SQL databases: the platform’s, or your own server',
  commands: [listCommand, getCommand, createCommand, deleteCommand],
};
