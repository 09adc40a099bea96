import type { Duplex } from 'node:stream';
import WebSocket from 'ws';

interface ServerSideOptions {
  /** Answer pings; more than so many unsent answers end the connection. */
  readonly autoPong: true;
  readonly maxPendingAutoPongs: number;
  /** How long the peer may take to answer a close frame, in ms. */
  readonly closeTimeout: number;
}

interface ReceiverOptions {
  readonly allowSynchronousEvents: boolean;
  readonly maxBufferedChunks: number;
  readonly maxFragments: number;
  readonly maxPayload: number;
  readonly skipUTF8Validation: boolean;
}

type ServerSide = WebSocket & {
  setSocket(stream: Duplex, head: Buffer, options: ReceiverOptions): void;
};

const maxFragments = 16_384;
const noBytes = Buffer.alloc(0);

/**
 * The server's side of the WebSocket protocol (RFC 6455, without extensions) on a stream whose HTTP
 * handshake is done. That is what the server of `ws` does after its handshake, which is of no use
 * here: the handshake may have been another process's.
 *
 * @throws Error when this version of `ws` does it otherwise
 */
export function attachWebSocket(
  stream: Duplex,
  options: { readonly maxMessageBytes: number; readonly closeTimeoutMs: number },
): WebSocket {
  if (typeof Reflect.get(WebSocket.prototype, 'setSocket') !== 'function') {
    throw new Error('this version of ws attaches its sockets elsewhere');
  }
  // The types leave out what ws keeps for its own server; checked above, and the version is pinned.
  const Constructor = WebSocket as unknown as new (
    address: null,
    protocols: undefined,
    options: ServerSideOptions,
  ) => ServerSide;
  const socket = new Constructor(null, undefined, {
    autoPong: true,
    maxPendingAutoPongs: 256,
    closeTimeout: options.closeTimeoutMs,
  });
  socket.setSocket(stream, noBytes, {
    allowSynchronousEvents: true,
    maxBufferedChunks: 1024 * 1024,
    maxFragments,
    maxPayload: options.maxMessageBytes,
    skipUTF8Validation: false,
  });
  return socket;
}
