import type { Noun } from '../../command.ts';
import { createCommand } from './create.ts';
import { deleteKeyCommand } from './delete-key.ts';
import { deleteCommand } from './delete.ts';
import { getKeyCommand } from './get-key.ts';
import { getCommand } from './get.ts';
import { listKeysCommand } from './list-keys.ts';
import { listCommand } from './list.ts';
import { putKeyCommand } from './put-key.ts';

export const kv: Noun = {
  name: 'kv',
  aliases: ['k', 'kvs'],
  summary: 'key-value namespaces, and what is in them',
  commands: [
    listCommand,
    getCommand,
    createCommand,
    deleteCommand,
    listKeysCommand,
    getKeyCommand,
    putKeyCommand,
    deleteKeyCommand,
  ],
};
