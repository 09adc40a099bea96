import type { Socket } from 'node:net';
import type { Exchange } from './exchange.ts';
import type { SocketReader } from './socket-reader.ts';
import type { Stash } from './stash.ts';

/** Where the request came over. */
interface Connection {
  readonly socket: Socket;
  readonly reader: SocketReader;
  readonly stash: Stash;
}

/**
 * The next request of a connection, undefined at its end. Node's own server would refuse the methods
 * that tests make up.
 */
export async function readRequest(connection: Connection): Promise<Exchange | undefined> {
  const { socket, reader, stash } = connection;
  const head = await reader.readUntil('\r\n\r\n');
  if (head === undefined) return undefined;
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = '/'] = requestLine.split(' ');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string): string | undefined => {
    const found = headers.filter(([each]) => each.toLowerCase() === name.toLowerCase());
    return found.length === 0 ? undefined : found.map(([, value]) => value).join(', ');
  };
  let body: Promise<Buffer> | undefined;
  const mark = target.indexOf('?');
  return {
    method,
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    origin: `http://${header('host') ?? ''}`,
    query: parseQuery(mark < 0 ? '' : target.slice(mark + 1)),
    headers,
    clientPort: socket.remotePort ?? 0,
    stash,
    header,
    body: () => (body ??= readBody(reader, header)),
  };
}

async function readBody(reader: SocketReader, header: Exchange['header']): Promise<Buffer> {
  if (header('transfer-encoding') === undefined) {
    return reader.read(Number(header('content-length') ?? 0));
  }
  const pieces: Buffer[] = [];
  for (;;) {
    const line = await reader.readUntil('\r\n');
    const length = Number.parseInt(line ?? '0', 16);
    if (length > 0) pieces.push(await reader.read(length));
    await reader.readUntil('\r\n');
    if (length === 0) return Buffer.concat(pieces);
  }
}

/** As Latin-1, the first of each name. */
function parseQuery(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = decodeBytes(equals < 0 ? pair : pair.slice(0, equals));
    if (pair !== '' && !found.has(name)) {
      found.set(name, equals < 0 ? '' : decodeBytes(pair.slice(equals + 1)));
    }
  }
  return found;
}

function decodeBytes(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}
