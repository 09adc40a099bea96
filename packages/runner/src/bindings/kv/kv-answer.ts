import type { KvEntry } from '@openworkers/db';
import type { PipeChannel } from '@openworkers/sandbox';

/** A text up to this size travels with the head: one message, and nothing to decode inside. */
const maxInlineBytes = 64 * 1024;

const missing = JSON.stringify({ isFound: false, encoding: 'text', metadata: null, value: null });

/** The answer to `get`. */
export function sendEntry(channel: PipeChannel, entry: KvEntry | undefined): void {
  if (entry === undefined) {
    channel.end(missing);
    return;
  }
  const { value, encoding, metadata = null } = entry;
  const isInline = encoding !== 'bytes' && value.byteLength <= maxInlineBytes;
  const head = { isFound: true, encoding, metadata };
  if (isInline) {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
    sendJson(channel, { ...head, value: text });
    return;
  }
  channel.message(JSON.stringify({ ...head, value: null }));
  channel.send(value);
  channel.end();
}

/** A complete answer without bytes. */
export function sendJson(channel: PipeChannel, head: object): void {
  channel.end(JSON.stringify(head));
}
