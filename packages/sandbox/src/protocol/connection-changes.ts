import { connectionStates } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

export type ConnectionState = (typeof connectionStates)[keyof typeof connectionStates];

/** Bytes of one change: `u32 socket id | u8 state`. */
export const connectionChangeBytes = 5;

/**
 * Visits the changes of a `connections` frame in order. It comes once per turn of a busy sandbox,
 * so it makes no objects.
 *
 * @throws ProtocolError when the payload is malformed
 */
export function visitConnectionChanges(
  payload: Buffer,
  visit: (socketId: number, state: ConnectionState) => void,
): void {
  if (payload.length % connectionChangeBytes !== 0) {
    throw new ProtocolError('connections of a wrong length');
  }
  for (let at = 0; at < payload.length; at += connectionChangeBytes) {
    visit(payload.readUInt32LE(at), toState(payload.readUInt8(at + 4)));
  }
}

function toState(value: number): ConnectionState {
  switch (value) {
    case connectionStates.idle:
      return connectionStates.idle;
    case connectionStates.busy:
      return connectionStates.busy;
    case connectionStates.closed:
      return connectionStates.closed;
    case connectionStates.released:
      return connectionStates.released;
    default:
      throw new ProtocolError(`unknown connection state ${value}`);
  }
}
