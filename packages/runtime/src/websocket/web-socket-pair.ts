import { ObjectDefineProperty } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { PairEnd } from './pair-end.ts';
import { OpenEnd, WebSocket } from './web-socket.ts';

/**
 * Two WebSockets connected to each other, at `0` and `1`: one is returned to the client in a
 * `Response`, the other is accepted and used here. Both can also be used here.
 */
export class WebSocketPair {
  declare readonly 0: WebSocket;
  declare readonly 1: WebSocket;

  constructor() {
    const { first, second } = PairEnd.pair();
    define(this, '0', new WebSocket(new OpenEnd(first, '')));
    define(this, '1', new WebSocket(new OpenEnd(second, '')));
  }

  static {
    defineInterface(this, 'WebSocketPair');
  }
}

function define(pair: WebSocketPair, key: '0' | '1', value: WebSocket): void {
  ObjectDefineProperty(pair, key, {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as object);
}
