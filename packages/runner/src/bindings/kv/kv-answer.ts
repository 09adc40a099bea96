import type { KvEntry } from '@openworkers/db';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import { deafHandler } from '../../egress/deaf-handler.ts';
import type { Reservation } from '../memory-budget.ts';
import { sendHeld } from '../operation.ts';

/** A text up to this size travels with the head: one message, and nothing to decode inside. */
const maxInlineBytes = 64 * 1024;

const missing = JSON.stringify({ isFound: false, encoding: 'text', metadata: null, value: null });

/** The answer to `get`; returns who hears what comes on the channel. @throws EgressRefusal without memory for it */
export function sendEntry(
  channel: PipeChannel,
  entry: KvEntry | undefined,
  memory: Reservation,
): ChannelHandler {
  if (entry === undefined) {
    channel.end(missing);
    return deafHandler(channel);
  }
  const { value, encoding, metadata = null } = entry;
  const head = { isFound: true, encoding, metadata };
  if (encoding === 'bytes' || value.byteLength > maxInlineBytes) {
    return sendHeld(channel, { head: { ...head, value: null }, value, memory });
  }
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
  sendJson(channel, { ...head, value: text });
  return deafHandler(channel);
}

/** A complete answer without bytes. */
export function sendJson(channel: PipeChannel, head: object): void {
  channel.end(JSON.stringify(head));
}
