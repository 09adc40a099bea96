import type { Command } from '../../command.ts';
import { formatFields } from '../../format-table.ts';
import { requireStorage } from './find-storage.ts';

export const getCommand: Command = {
  name: 'get',
  summary: 'show one storage; keys are masked',
  arguments: [{ name: 'name', summary: 'name or id of the storage' }],
  async run(context, input) {
    const backend = await context.backend();
    const storage = await requireStorage(context, backend, input.argument('name'));
    const { name, desc, createdAt, updatedAt, publicUrl, accessKeyId, ...rest } = storage;
    const { id, provider, bucket, endpoint, region, prefix } = rest;
    const place = { bucket, endpoint, region, prefix, 'public URL': publicUrl, keys: accessKeyId };
    const fields = { description: desc, id, provider, ...place };
    const dates = { created: createdAt, updated: updatedAt };
    context.print(storage, formatFields(name, { ...fields, ...dates }));
  },
};
