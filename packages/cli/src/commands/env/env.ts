import type { Noun } from '../../command.ts';
import { bindCommand } from './bind.ts';
import { createCommand } from './create.ts';
import { deleteCommand } from './delete.ts';
import { getCommand } from './get.ts';
import { listCommand } from './list.ts';
import { setCommand } from './set.ts';
import { unsetCommand } from './unset.ts';

export const env: Noun = {
  name: 'env',
  aliases: ['e', 'envs', 'environment', 'environments'],
  summary: 'variables, secrets and bindings for workers',
  commands: [
    listCommand,
    getCommand,
    createCommand,
    setCommand,
    unsetCommand,
    bindCommand,
    deleteCommand,
  ],
};
