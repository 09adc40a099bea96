import { createHash } from 'node:crypto';

/** RFC 6455 §1.3. */
const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The platform negotiates these itself, and they say nothing where no body follows. */
const dropped: ReadonlySet<string> = new Set([
  'content-length',
  'sec-websocket-accept',
  'sec-websocket-extensions',
]);

/** The response head that turns a connection into a WebSocket. */
export function switchingProtocols(
  key: string,
  { pairs, requestId }: { readonly pairs: readonly string[]; readonly requestId: string },
): string {
  const accept = createHash('sha1').update(`${key}${acceptGuid}`).digest('base64');
  let head = `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n`;
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = pairs[index] ?? '';
    if (!dropped.has(name.toLowerCase())) head += `${name}: ${pairs[index + 1] ?? ''}\r\n`;
  }
  return `${head}x-request-id: ${requestId}\r\n\r\n`;
}
