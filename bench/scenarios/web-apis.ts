import { Agent } from 'node:http';
import { call, endOf } from '../../e2e/testing/http-client.ts';
import type { Peer } from '../peer.ts';
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

/** A peer was stopped for its CPU time: there were too many operations in one request. */
class TooMuchWork extends Error {}

async function compare(ours: Peer, workerd: Peer, rounds: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true });
  const run = async (peer: Peer, operation: string, count: number): Promise<number> => {
    const query = new URLSearchParams({ op: operation, n: String(count) });
    const path = `/?${query.toString()}`;
    const answer = await call({ port: peer.port, host, agent, path });
    if (endOf(answer) === '429 CpuTimeLimit') throw new TooMuchWork();
    if (answer.status !== 200) throw new Error(`${peer.name}: ${operation}: ${endOf(answer)}`);
    return answer.ms;
  };
  /** Microseconds for one operation, of each peer. */
  const measure = async (operation: string, count: number): Promise<number[]> => {
    const times = [ours, workerd].map((peer) => ({ peer, measured: Array.of<number>() }));
    for (let i = 0; i < warmUps + rounds * 4; i += 1) {
      for (const { peer, measured } of times) {
        const idleMs = await run(peer, 'nothing', 1);
        const ms = (await run(peer, operation, count)) - idleMs;
        if (i >= warmUps) measured.push(ms);
      }
    }
    return times.map(({ measured }) => (median(measured) * 1000) / count);
  };
  /** The same with as many operations in a request as this machine does within the CPU limit. */
  const measureWithinLimit = async (operation: string, count: number): Promise<number[]> => {
    try {
      return await measure(operation, count);
    } catch (error) {
      if (!(error instanceof TooMuchWork) || count === 1) throw error;
      return measureWithinLimit(operation, Math.floor(count / 2));
    }
  };
  const rows: string[] = [];
  for (const [operation, count] of webApiRounds) {
    const [mine = 0, theirs = 0] = await measureWithinLimit(operation, count);
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
