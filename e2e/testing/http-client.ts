import { Agent, request, type IncomingHttpHeaders } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly ms: number;
  /** The client's port: equal for two answers that came over one connection. */
  readonly localPort: number;
}

export interface HttpCall {
  readonly port: number;
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

/**
 * One request to 127.0.0.1 with the given Host header (Node does not resolve `*.localhost` on every
 * machine).
 *
 * @throws Error on a broken connection or when nothing comes for `timeoutMs`
 */
export function call(options: HttpCall): Promise<HttpAnswer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: options.port,
        path: options.path ?? '/',
        method: options.method ?? 'GET',
        headers: { host: options.host, ...options.headers },
        timeout: options.timeoutMs ?? 30_000,
        ...(options.agent === undefined ? {} : { agent: options.agent }),
      },
      (response) => {
        let body = '';
        // Once the answer is complete the socket is detached from it.
        const localPort = response.socket.localPort ?? 0;
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body,
            ms: performance.now() - startedAt,
            localPort,
          });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('the answer timed out')));
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

/** How an answer ended: its status and, where there is one, its termination reason. */
export function endOf({ status, headers }: HttpAnswer): string {
  const reason = headers['x-termination-reason'];
  return reason === undefined ? `${status}` : `${status} ${String(reason)}`;
}

export interface LoadReport {
  requests: number;
  /** Answers that were not 2xx, by status and termination reason. */
  refused: Map<string, number>;
  /** Connections that broke under a request. */
  broken: string[];
  worstMs: number;
}

/** Calls over and over on `connections` connections until the returned function is called. */
export function startLoad(
  target: HttpCall,
  { connections, keepAlive }: { connections: number; keepAlive: boolean },
): () => Promise<LoadReport> {
  const report: LoadReport = { requests: 0, refused: new Map(), broken: [], worstMs: 0 };
  let isStopped = false;
  const loops = Array.from({ length: connections }, async () => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!isStopped) {
      try {
        const answer = await call({ ...target, agent });
        const { status, ms } = answer;
        report.requests += 1;
        report.worstMs = Math.max(report.worstMs, ms);
        if (status < 200 || status > 299) {
          const end = endOf(answer);
          report.refused.set(end, (report.refused.get(end) ?? 0) + 1);
        }
      } catch (error) {
        report.broken.push(error instanceof Error ? error.message : String(error));
        // A listener that is gone for a moment refuses at once: do not spin.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    agent.destroy();
  });
  return async () => {
    isStopped = true;
    await Promise.all(loops);
    return report;
  };
}

/** Polls until the check answers true; at most `timeoutMs`. */
export async function until(
  check: () => Promise<boolean> | boolean,
  timeoutMs: number,
  what: string,
): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < timeoutMs) {
    if (await check()) return performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
}
