/** What a WebSocket carries: text without lone surrogates, or bytes in a buffer of their own. */
export type SocketMessage = string | ArrayBuffer;

/** How the other side ended. `code` is as `CloseEvent.code` says it: 1005 without one, 1006 when it broke. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** The platform gave the connection up: the peer broke the protocol, or too much waited for it. */
  readonly isFailure: boolean;
  /** Why it is a failure, in words, or ''. */
  readonly message: string;
}

/** Hears what arrives at an end; never throws. */
export interface SocketReceiver {
  /** Once it has been dealt with, {@link SocketEnd.take} must follow. */
  message(data: SocketMessage): void;
  /**
   * The other side closes, or is gone; nothing follows. {@link SocketEnd.close} answers it, and once
   * it has been dealt with, {@link SocketEnd.release} must follow.
   */
  closed(close: SocketClose): void;
  /** The other side has dealt with the close from here. */
  released(): void;
  /** The other side has taken so many bytes of what was sent. */
  taken(bytes: number): void;
}

/** One end of a connection that carries messages both ways. */
export interface SocketEnd {
  /** Who hears it from now on; what came before waits for it. Called once, and answers nothing at once. */
  attach(receiver: SocketReceiver): void;
  send(data: SocketMessage): void;
  /** So many bytes of what arrived were dealt with. */
  take(bytes: number): void;
  /** The close that arrived was dealt with. */
  release(): void;
  /** Starts the closing handshake, or completes it. Code 1005 is a close without a code. */
  close(code: number, reason: string): void;
  /** Breaks off without a handshake: the other side hears this close, and a client on the network code 1006. */
  breakOff(close: SocketClose): void;
}

/** The connection is gone without a closing handshake. */
export const brokenOff: SocketClose = {
  code: 1006,
  reason: '',
  wasClean: false,
  isFailure: false,
  message: '',
};
