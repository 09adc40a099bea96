import { Agent } from 'node:http';
import { call } from '../../e2e/testing/http-client.ts';
import type { Peer } from '../peer.ts';
import { treePssBytes } from '../process-tree.ts';

const measuredWorkers = 200;

/** An idle worker is one that has been idle for a while: every peer may clean up after itself. */
const settleMs = 20_000;

/** Growth of the process tree's proportional set size over 200 workers with one request each. */
export async function measureMemory(peers: readonly Peer[]): Promise<string[]> {
  const rows: string[] = [];
  for (const peer of peers) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    // One worker first, so that what every process loads once does not count.
    await call({ port: peer.port, host: peer.hostOf(0), agent });
    const before = treePssBytes(peer.pid);
    for (let index = 1; index <= measuredWorkers; index += 1) {
      const response = await call({ port: peer.port, host: peer.hostOf(index), agent });
      if (response.status !== 200) throw new Error(`${peer.name}: status ${response.status}`);
    }
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const grown = (treePssBytes(peer.pid) - before) / measuredWorkers;
    rows.push(`| ${peer.name} | ${(grown / 1024 / 1024).toFixed(2)} |`);
    agent.destroy();
  }
  return ['| peer | MiB per idle worker |', '| --- | --- |', ...rows];
}
