import { Agent } from 'node:http';
import type { Peer } from '../peer.ts';
import { timedGet } from '../request.ts';
import type { OpenWorkersPeer } from '../peers/openworkers.ts';
import { startWorkerdStatic } from '../peers/workerd.ts';
import { median } from '../statistics.ts';
import { webApiRounds, webApiSource } from './web-api-worker.ts';

const warmUps = 10;

const workerdPort = 9404;
/** workerd answers on any. */
const host = 'apis.localhost';

/** Time per operation inside a worker, seen by the client, beside workerd running the same code. */
export async function measureWebApis(ours: OpenWorkersPeer, rounds: number): Promise<string[]> {
  await ours.deploy('apis', webApiSource);
  const workerd = await startWorkerdStatic(workerdPort, webApiSource);
  try {
    return await compare(ours, workerd, rounds);
  } finally {
    await workerd.stop();
  }
}

async function compare(ours: Peer, workerd: Peer, rounds: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true });
  const run = async (peer: Peer, operation: string, count: number): Promise<number> => {
    const query = new URLSearchParams({ op: operation, n: String(count) });
    const path = `/?${query.toString()}`;
    const { status, ms } = await timedGet({ port: peer.port, host, agent, path });
    if (status !== 200) throw new Error(`${peer.name}: ${operation}: status ${status}`);
    return ms;
  };
  const rows: string[] = [];
  for (const [operation, count] of webApiRounds) {
    const times = new Map<Peer, number[]>([
      [ours, []],
      [workerd, []],
    ]);
    for (let i = 0; i < warmUps + rounds * 4; i += 1) {
      for (const [peer, measured] of times) {
        const idleMs = await run(peer, 'nothing', 1);
        const ms = (await run(peer, operation, count)) - idleMs;
        if (i >= warmUps) measured.push(ms);
      }
    }
    const microseconds = [ours, workerd].map(
      (peer) => (median(times.get(peer) ?? []) * 1000) / count,
    );
    const [mine = 0, theirs = 0] = microseconds;
    rows.push(
      `| ${operation} | ${mine.toFixed(2)} | ${theirs.toFixed(2)} | ${(theirs / mine).toFixed(2)} |`,
    );
  }
  agent.destroy();
  return [
    '| operation | OpenWorkers µs | workerd µs | times as fast |',
    '| --- | --- | --- | --- |',
    ...rows,
  ];
}
