import type { Noun } from '../../command.ts';
import { listCommand } from './list.ts';
import { removeCommand } from './remove.ts';
import { setDefaultCommand } from './set-default.ts';
import { setCommand } from './set.ts';

export const alias: Noun = {
  name: 'alias',
  aliases: ['aliases'],
  summary: 'platforms this machine knows, by name',
  commands: [listCommand, setCommand, setDefaultCommand, removeCommand],
};
