import { request, type Agent } from 'node:http';

export interface TimedResponse {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

export interface TimedRequest {
  readonly port: number;
  readonly host: string;
  readonly agent: Agent;
  /** `/` when left out. */
  readonly path?: string;
}

/** One GET, timed from the call to the last byte; fails after 30 s. */
export function timedGet({ port, host, agent, path = '/' }: TimedRequest): Promise<TimedResponse> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, headers: { host }, agent, timeout: 30_000 };
    const outgoing = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const ms = performance.now() - startedAt;
        resolve({ status: response.statusCode ?? 0, body, ms });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 30 s')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
