import { enqueueMicrotask } from '../safe-promise.ts';
import type { List } from '../primordials.ts';
import { brokenOff } from './socket-end.ts';
import type { SocketState } from './socket-state.ts';

/** Opens a connection to somewhere else: `open` follows, or `error` and `close`. */
export function connectSocket(state: SocketState, _url: string, _protocols: List<string>): void {
  enqueueMicrotask(() => state.closed({ ...brokenOff, isFailure: true }));
}
