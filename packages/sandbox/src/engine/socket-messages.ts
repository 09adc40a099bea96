import { hostOps } from '@openworkers/runtime';
import type { EventSocket } from './event-socket.ts';
import type { Message } from './host-messages.ts';
import { isCount } from './is-count.ts';

const maxReasonBytes = 123;

/** Acts on a host call about a WebSocket; what makes no sense is ignored. */
export function receiveForSocket(
  socket: EventSocket | undefined,
  op: unknown,
  { a, b }: Message,
): void {
  if (socket === undefined) return;
  switch (op) {
    case hostOps.socketSend:
      if (typeof a === 'string' || a instanceof ArrayBuffer) socket.send(a);
      return;
    case hostOps.socketTaken:
      if (isCount(a)) socket.read(a);
      return;
    case hostOps.socketClose:
      if (isCount(a) && isCloseCode(a)) socket.close(a, toReason(b));
      return;
    default:
  }
}

/** Codes that can be sent, and the two that stand for not sending one. */
function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004;
}

function toReason(value: unknown): string {
  if (typeof value !== 'string' || Buffer.byteLength(value) > maxReasonBytes) return '';
  return value;
}
