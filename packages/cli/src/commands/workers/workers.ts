import type { Noun } from '../../command.ts';
import { createCommand } from './create.ts';
import { deleteCommand } from './delete.ts';
import { deployCommand } from './deploy.ts';
import { getCommand } from './get.ts';
import { linkCommand } from './link.ts';
import { listCommand } from './list.ts';

export const workers: Noun = {
  name: 'workers',
  aliases: ['w', 'worker'],
  summary: 'programs that answer requests',
  commands: [listCommand, getCommand, createCommand, deployCommand, linkCommand, deleteCommand],
};
