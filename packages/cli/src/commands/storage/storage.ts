import type { Noun } from '../../command.ts';
import { createCommand } from './create.ts';
import { deleteCommand } from './delete.ts';
import { getCommand } from './get.ts';
import { listCommand } from './list.ts';

export const storage: Noun = {
  name: 'storage',
  aliases: ['s', 'storages'],
  summary: 'places for objects: files, uploads, assets',
  commands: [listCommand, getCommand, createCommand, deleteCommand],
};
