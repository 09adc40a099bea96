import { enterOps, hostOps } from '../boundary.ts';
import type { Crossing, EnterOp, HostOp } from '../boundary.ts';
import { textOf } from './test-event.ts';

type Say = (op: EnterOp, channelId: Crossing, b: Crossing) => Promise<void>;

/**
 * An origin for channels of kind `fetch`: `/redirect` leads to `/`, `/broken` fails, `/events` is an
 * event stream of one event that ends, everything else answers with what it was sent. `received` keeps that from one message to the next.
 */
export async function answerChannel(
  op: HostOp,
  [id, b, argument]: readonly Crossing[],
  {
    say,
    received,
  }: { say: Say; received: Map<Crossing, { path: string; pieces: Buffer[]; lastEventId: string }> },
): Promise<void> {
  if (op === hostOps.openChannel) {
    const { url, headers } = JSON.parse(textOf(argument)) as { url: string; headers: string };
    const flat = headers.split('\n');
    const lastEventId = flat[flat.indexOf('last-event-id') + 1] ?? '';
    const isGiven = flat.includes('last-event-id');
    received.set(id, {
      path: new URL(url).pathname,
      pieces: [],
      lastEventId: isGiven ? lastEventId : '0',
    });
  }
  const channel = received.get(id);
  if (op === hostOps.channelReset) received.delete(id);
  if (op === hostOps.channelData && b instanceof ArrayBuffer) {
    channel?.pieces.push(Buffer.from(b));
    await say(enterOps.channelCredit, id, b.byteLength);
  }
  if (op !== hostOps.channelEnd || channel === undefined) return;
  const { path, pieces, lastEventId } = channel;
  if (path === '/broken') return say(enterOps.channelError, id, 'broken');
  if (path === '/events') {
    const next = Number(lastEventId) + 1;
    pieces.push(Buffer.from(`retry: 1\nid: ${next}\ndata: after ${lastEventId}\n\n`));
  }
  const isRedirect = path === '/redirect';
  const type = path === '/events' ? 'text/event-stream' : 'text/plain';
  const headers = isRedirect ? 'location\n/' : `content-type\n${type}\nset-cookie\na=b`;
  const head = { status: isRedirect ? 302 : 200, statusText: 'OK', headers };
  await say(enterOps.channelMessage, id, JSON.stringify(head));
  const body = Uint8Array.from(Buffer.concat(pieces));
  if (body.length > 0) await say(enterOps.channelData, id, body.buffer);
  await say(enterOps.channelEnd, id, '');
}
