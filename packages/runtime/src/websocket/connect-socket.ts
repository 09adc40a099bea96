import { ArrayPrototypeJoin, listToArray } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { ChannelEnd } from './channel-end.ts';
import type { ConnectAnswer, ConnectOwner } from './channel-end.ts';
import { brokenOff } from './socket-end.ts';
import type { SocketState } from './socket-state.ts';

/** `new WebSocket()` until it is open, or is not. */
class ConnectingSocket implements ConnectOwner {
  readonly #state: SocketState;

  constructor(state: SocketState) {
    this.#state = state;
  }

  answered({ status, protocol }: ConnectAnswer): void {
    if (status === 101) this.#state.opened(protocol);
  }

  body(): void {
    // Nobody can look at it.
  }

  failed(message: string): void {
    this.#state.closed({ ...brokenOff, isFailure: true, message });
  }
}

/**
 * Opens a connection to somewhere else: `open` follows, or `error` and `close`. Throws in module
 * scope, and when the event is over.
 */
export function connectSocket(state: SocketState, url: string, protocols: List<string>): void {
  const wanted = ArrayPrototypeJoin(listToArray(protocols), ', ');
  const owner = new ConnectingSocket(state);
  state.connect(new ChannelEnd({ url, protocols: wanted, headers: '' }, owner));
}
