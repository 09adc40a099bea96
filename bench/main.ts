import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Peer } from './peer.ts';
import { startBareNode } from './peers/bare-node.ts';
import { startOpenWorkers, type OpenWorkersPeer } from './peers/openworkers.ts';
import { startWorkerdLoader, startWorkerdStatic } from './peers/workerd.ts';
import { measureColdStart } from './scenarios/cold-start.ts';
import { measureMemory } from './scenarios/memory.ts';
import { measureNoisyNeighbour } from './scenarios/noisy-neighbour.ts';
import { measureStreaming } from './scenarios/streaming.ts';
import { measureThroughput } from './scenarios/throughput.ts';
import { measureWebApis } from './scenarios/web-apis.ts';

/**
 * `npm run bench [-- throughput cold-start memory web-apis streaming noisy-neighbour] [--rounds 5] [--seconds 10]`:
 * measures the whole platform beside its peers, in one run on one machine, and prints Markdown.
 */
interface Peers {
  readonly ours: OpenWorkersPeer;
  readonly loader: Peer;
  readonly all: readonly Peer[];
}

interface Options {
  readonly rounds: number;
  readonly seconds: number;
}

const scenarios: Readonly<Record<string, (peers: Peers, options: Options) => Promise<string[]>>> = {
  throughput: ({ all }, options) => measureThroughput(all, options),
  'cold-start': ({ ours, loader }) => measureColdStart(ours, loader),
  memory: ({ ours, loader }) => measureMemory([ours, loader]),
  'web-apis': ({ ours }, { rounds }) => measureWebApis(ours, rounds),
  streaming: (_peers, { rounds }) => measureStreaming(rounds),
  'noisy-neighbour': ({ ours }, { seconds }) => measureNoisyNeighbour(ours, seconds),
};

/** Scenarios about many workers. */
const needsMany: readonly string[] = ['cold-start', 'memory'];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '10' },
    },
  });
  const options = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  const wanted = positionals.length === 0 ? Object.keys(scenarios) : positionals;
  console.log(
    `${new Date().toISOString()} · ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`,
  );
  console.log(`Node ${process.versions.node} · V8 ${process.versions.v8}\n`);
  for (const name of wanted) await runScenario(name, options);
}

/** Every scenario gets fresh processes, so that none inherits another's caches. */
async function runScenario(name: string, options: Options): Promise<void> {
  const scenario = scenarios[name];
  if (scenario === undefined) {
    throw new Error(`no scenario "${name}"; there are: ${Object.keys(scenarios).join(', ')}`);
  }
  const started: Peer[] = [];
  const keep = <P extends Peer>(peer: P): P => {
    started.push(peer);
    return peer;
  };
  try {
    const ours = keep(await startOpenWorkers(9400, needsMany.includes(name) ? 201 : 1));
    const fixed = keep(await startWorkerdStatic(9401));
    const loader = keep(await startWorkerdLoader(9402));
    const bare = keep(await startBareNode(9403));
    const lines = await scenario({ ours, loader, all: [ours, fixed, loader, bare] }, options);
    console.log(`## ${name}\n\n${lines.join('\n')}\n`);
  } finally {
    await Promise.all(started.map((peer) => peer.stop()));
  }
}

await main();
