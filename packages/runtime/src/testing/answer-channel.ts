import { enterOps, hostOps } from '../boundary.ts';
import type { Crossing, EnterOp, HostOp } from '../boundary.ts';
import { textOf } from './test-event.ts';

type Say = (op: EnterOp, channelId: Crossing, b: Crossing) => Promise<void>;

/**
 * An origin for channels of kind `fetch`: `/redirect` leads to `/`, `/broken` fails, everything else
 * answers with what it was sent. `received` keeps that from one message to the next.
 */
export async function answerChannel(
  op: HostOp,
  [id, b, argument]: readonly Crossing[],
  { say, received }: { say: Say; received: Map<Crossing, { path: string; pieces: Buffer[] }> },
): Promise<void> {
  if (op === hostOps.openChannel) {
    const { url } = JSON.parse(textOf(argument)) as { url: string };
    received.set(id, { path: new URL(url).pathname, pieces: [] });
  }
  const channel = received.get(id);
  if (op === hostOps.channelReset) received.delete(id);
  if (op === hostOps.channelData && b instanceof ArrayBuffer) {
    channel?.pieces.push(Buffer.from(b));
    await say(enterOps.channelCredit, id, b.byteLength);
  }
  if (op !== hostOps.channelEnd || channel === undefined) return;
  const { path, pieces } = channel;
  if (path === '/broken') return say(enterOps.channelError, id, 'broken');
  const isRedirect = path === '/redirect';
  const headers = isRedirect ? 'location\n/' : 'content-type\ntext/plain\nset-cookie\na=b';
  const head = { status: isRedirect ? 302 : 200, statusText: 'OK', headers };
  await say(enterOps.channelMessage, id, JSON.stringify(head));
  const body = Uint8Array.from(Buffer.concat(pieces));
  if (body.length > 0) await say(enterOps.channelData, id, body.buffer);
  await say(enterOps.channelEnd, id, '');
}
