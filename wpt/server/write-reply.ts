import type { Socket } from 'node:net';
import { once } from 'node:events';
import type { Reply } from './exchange.ts';

const bodilessStatus = new Set([204, 304]);

/** Sends a reply. True when another request may follow on the connection. */
export async function writeReply(socket: Socket, method: string, reply: Reply): Promise<boolean> {
  if (reply.raw !== undefined) {
    socket.end(reply.raw, 'latin1');
    return false;
  }
  const { status = 200, statusText = 'OK', headers = [], body = '' } = reply;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${statusText}\r\n${lines.join('')}`;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    const bytes = Buffer.from(typeof body === 'string' ? Buffer.from(body, 'latin1') : body);
    const isBodiless = method === 'HEAD' || bodilessStatus.has(status);
    const hasLength = headers.some(([name]) => name.toLowerCase() === 'content-length');
    const length =
      hasLength || bodilessStatus.has(status) ? '' : `Content-Length: ${bytes.length}\r\n`;
    socket.write(`${head}${length}\r\n`, 'latin1');
    if (!isBodiless) socket.write(bytes);
    return true;
  }
  socket.write(`${head}Connection: close\r\n\r\n`, 'latin1');
  for await (const piece of body) {
    if (socket.destroyed) break;
    const isFull = !socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    if (isFull && !socket.destroyed)
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
  socket.end();
  return false;
}
