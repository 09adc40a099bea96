import type { SocketEnd, SocketReceiver } from './socket-end.ts';

/**
 * Has what arrives at either end leave through the other. Each side is told that a message was taken
 * when the far side has taken it, so that back-pressure reaches through.
 */
export function bridge(one: SocketEnd, other: SocketEnd): void {
  one.attach(forwardTo(other));
  other.attach(forwardTo(one));
}

function forwardTo(target: SocketEnd): SocketReceiver {
  return {
    message: (data) => target.send(data),
    closed: (close) => {
      if (close.wasClean) target.close(close.code, close.reason);
      else target.breakOff(close);
    },
    released: () => target.release(),
    taken: (bytes) => target.take(bytes),
  };
}
