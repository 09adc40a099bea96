import { Agent } from 'node:http';
import { call } from '../../e2e/testing/http-client.ts';
import type { OpenWorkersPeer } from '../peers/openworkers.ts';
import { percentile } from '../statistics.ts';

const burnSource = `export default { fetch() { while (true) {} } };\n`;

/**
 * Open-loop latency (100 requests/s, sent whether or not earlier ones have been answered) of a quick
 * worker, alone and while another burns its whole CPU limit on four connections.
 */
export async function measureNoisyNeighbour(
  ours: OpenWorkersPeer,
  seconds: number,
): Promise<string[]> {
  await ours.deploy('burner', burnSource);
  const idle = await openLoop(ours, seconds);
  const stop = burn(ours);
  const noisy = await openLoop(ours, seconds);
  const burned = await stop();
  return [
    '| quick worker | p50 ms | p99 ms | max ms |',
    '| --- | --- | --- | --- |',
    row('alone', idle),
    row('beside the burner', noisy),
    '',
    `burner: ${burned.size === 0 ? 'no answers' : [...burned].map(([k, n]) => `${n}× ${k}`).join(', ')}`,
  ];
}

async function openLoop(peer: OpenWorkersPeer, seconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const request = { port: peer.port, host: peer.hostOf(0), agent };
  await call(request);
  const running: Promise<number>[] = [];
  const startedAt = performance.now();
  for (let sent = 0; sent < seconds * 100; sent += 1) {
    const wait = startedAt + sent * 10 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    running.push(call(request).then(({ status, ms }) => (status === 200 ? ms : Infinity)));
  }
  const times = await Promise.all(running);
  agent.destroy();
  return times;
}

/** Keeps four connections busy with the burner; the returned function stops and counts statuses. */
function burn(peer: OpenWorkersPeer): () => Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let isStopped = false;
  const loops = Array.from({ length: 4 }, async () => {
    while (!isStopped) {
      const { status } = await call({ port: peer.port, host: 'burner.localhost', agent });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  return async () => {
    isStopped = true;
    await Promise.allSettled(loops);
    agent.destroy();
    return statuses;
  };
}

function row(name: string, times: readonly number[]): string {
  const cells = [50, 99, 100].map((percent) => percentile(times, percent).toFixed(1));
  return `| ${name} | ${cells.join(' | ')} |`;
}
