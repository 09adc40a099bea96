import { runLoad } from '../load.ts';
import type { Peer } from '../peer.ts';
import { median, spread } from '../statistics.ts';

export interface ThroughputOptions {
  readonly rounds: number;
  readonly seconds: number;
}

/** Hello world over 32 keep-alive connections; rounds interleaved so that all see the same machine. */
export async function measureThroughput(
  peers: readonly Peer[],
  { rounds, seconds }: ThroughputOptions,
): Promise<string[]> {
  const results = new Map<string, number[]>(peers.map(({ name }) => [name, []]));
  for (const peer of peers) await runLoad(loadOn(peer, 2));
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of peers) {
      const result = await runLoad(loadOn(peer, seconds));
      if (result.non2xx + result.errors > 0) {
        throw new Error(`${peer.name}: ${result.non2xx} non-2xx, ${result.errors} errors`);
      }
      results.get(peer.name)?.push(result.requestsPerSecond);
    }
  }
  const ours = median(results.get('OpenWorkers') ?? []);
  const rows = [...results].map(
    ([name, values]) => `| ${name} | ${spread(values)} | ${(ours / median(values)).toFixed(2)} |`,
  );
  return [
    '| peer | requests/s, median (min–max) | OpenWorkers / peer |',
    '| --- | --- | --- |',
    ...rows,
  ];
}

function loadOn(peer: Peer, seconds: number): Parameters<typeof runLoad>[0] {
  return { port: peer.port, host: peer.hostOf(0), connections: 32, seconds };
}
