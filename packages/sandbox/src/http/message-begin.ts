import type { Socket } from 'node:net';

/**
 * Calls back when the HTTP parser of a server's socket sees the first byte of a request. Node tells
 * nobody of that moment, but keeps a slot for it on the parser; it decides whether a connection is
 * idle, so its absence is an error and not ignored.
 *
 * @throws Error when this version of Node has no such slot
 */
export function onMessageBegin(socket: Socket, callback: () => void): void {
  const parser: unknown = Reflect.get(socket, 'parser');
  if (typeof parser !== 'object' || parser === null) throw unsupported();
  const slot: unknown = Reflect.get(parser.constructor, 'kOnMessageBegin');
  if (typeof slot !== 'number' || Reflect.get(parser, slot) !== null) throw unsupported();
  Reflect.set(parser, slot, callback);
}

function unsupported(): Error {
  return new Error('this version of Node keeps its HTTP parser elsewhere');
}
