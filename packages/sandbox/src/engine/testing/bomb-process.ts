import { setTimeout as delay } from 'node:timers/promises';
import { bombs, unstoppableBombs } from './bombs.ts';
import type { BombResult, BombRun } from './run-bombs.ts';
import { TestEngine } from './test-engine.ts';

/*
 * Runs bombs in a process of its own, one after the other or all at once, beside a quick neighbour
 * under load, and writes one JSON line per bomb and one at the end. Started by `runBombs`.
 */

const quick = 'export default { fetch() { return new Response("quick"); } }';
const neighbours = 4;
const giveUpMs = 10_000;
const memoryBackMs = 5_000;

class Neighbour {
  readonly #engine: TestEngine;
  #isStopped = false;
  failures = 0;
  worstMs = 0;
  requests = 0;

  constructor(engine: TestEngine) {
    this.#engine = engine;
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      const startedAt = performance.now();
      const { status } = await this.#engine.fetch('quick');
      this.worstMs = Math.max(this.worstMs, performance.now() - startedAt);
      this.requests += 1;
      if (status !== 200) this.failures += 1;
      await delay(1);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }
}

async function explode(engine: TestEngine, name: string, neighbour: Neighbour): Promise<void> {
  const startedAt = performance.now();
  const answer = await Promise.race([
    engine.fetch(name),
    delay(giveUpMs, undefined, { ref: false }),
  ]);
  // The next request must find a worker that works, bomb or not.
  const next = await engine.fetch('quick');
  const result: BombResult = {
    name,
    outcome: answer?.outcome.outcome ?? 'no answer',
    cpuMs: answer?.outcome.cpuMs ?? 0,
    wallMs: performance.now() - startedAt,
    isNeighbourFine: neighbour.failures === 0 && next.status === 200,
    unstoppable: engine.unstoppable.length,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Growth of the process once everything has ended, in bytes; waits until it is small. */
async function grownBytes(before: number, most: number): Promise<number> {
  const deadline = performance.now() + memoryBackMs;
  for (;;) {
    const grown = process.memoryUsage.rss() - before;
    if (grown < most || performance.now() > deadline) return grown;
    await delay(20);
  }
}

async function untilUnstoppable(engine: TestEngine): Promise<void> {
  const deadline = performance.now() + giveUpMs;
  while (engine.unstoppable.length === 0 && performance.now() < deadline) await delay(10);
}

async function main(run: BombRun): Promise<void> {
  const workers = Object.fromEntries(
    [...bombs, ...unstoppableBombs].map(({ name, code }) => [name, code]),
  );
  const engine = new TestEngine({
    runtimeScript: run.runtimeScript,
    workers: { ...workers, quick },
    spareIsolates: 2,
  });
  await engine.fetch('quick');
  const before = process.memoryUsage.rss();
  const neighbour = new Neighbour(engine);
  const loops = Array.from({ length: neighbours }, () => neighbour.run());
  if (run.allAtOnce) {
    await Promise.all(run.names.map((name) => explode(engine, name, neighbour)));
  } else {
    for (const name of run.names) {
      await explode(engine, name, neighbour);
      engine.engine.retireWorker(name);
    }
  }
  for (const name of run.names) engine.engine.retireWorker(name);
  if (run.isUnstoppable) await untilUnstoppable(engine);
  neighbour.stop();
  await Promise.all(loops);
  const grown = await grownBytes(before, run.memoryBackBytes);
  const { failures, requests, worstMs } = neighbour;
  process.stdout.write(
    `${JSON.stringify({ failures, requests, worstMs, grownBytes: grown, unstoppable: engine.unstoppable.length })}\n`,
  );
  // `process.exit` would wait for a stuck isolate's thread.
  process.kill(process.pid, 'SIGKILL');
}

process.once('message', (message) => {
  // Sent by `runBombs`.
  void main(message as BombRun);
});
