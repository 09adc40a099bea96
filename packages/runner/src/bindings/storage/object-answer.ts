import type { PipeChannel } from '@openworkers/sandbox';
import type { StoredObject } from './object-store.ts';

/** An object as the isolate hears of it: every field is there. */
export function describeObject(object: StoredObject): object {
  const { key, version, sizeBytes, etag, uploadedMs, http, custom, checksums } = object;
  return { key, version, size: sizeBytes, etag, uploadedMs, http, custom, checksums };
}

/** A complete answer without bytes. */
export function sendHead(channel: PipeChannel, head: object): void {
  channel.end(JSON.stringify(head));
}

/** JSON that may be long. */
export function sendLong(channel: PipeChannel, value: object): void {
  channel.message('{}');
  channel.send(Buffer.from(JSON.stringify(value)));
  channel.end();
}
