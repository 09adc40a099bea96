import { request, type Agent, type IncomingHttpHeaders } from 'node:http';

export interface CallOptions {
  readonly port: number;
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  /** A connection of its own for this request when left out. */
  readonly agent?: Agent;
  /** Milliseconds without a byte; 10 000 when left out. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Tells connections apart. */
  readonly localPort: number;
}

/** One request over a real connection. Rejects when the connection fails. */
export function call(options: CallOptions): Promise<Answer> {
  const { port, host, path = '/', method = 'GET', headers, body, agent = false } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, method, agent, headers: { host, ...headers } },
      (incoming) => {
        const { localPort = 0 } = incoming.socket;
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (piece: string) => (text += piece));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: text,
            localPort,
          }),
        );
      },
    );
    outgoing.setTimeout(options.timeoutMs ?? 10_000, () => outgoing.destroy(new Error('timeout')));
    outgoing.on('error', reject);
    if (typeof body === 'string' || body === undefined) outgoing.end(body);
    else void writeAll(body, outgoing).catch(reject);
  });
}

async function writeAll(
  body: AsyncIterable<Uint8Array>,
  target: NodeJS.WritableStream,
): Promise<void> {
  for await (const piece of body) target.write(piece);
  target.end();
}
