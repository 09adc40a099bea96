import { Agent } from 'node:http';
import { call } from '../../e2e/testing/http-client.ts';
import type { Peer } from '../peer.ts';
import type { OpenWorkersPeer } from '../peers/openworkers.ts';
import { percentile } from '../statistics.ts';

const measuredWorkers = 100;

/** Time for the platform to boot the next isolate: one more worker, not a flood of them. */
const pauseMs = 50;

/**
 * First request to a worker that has no isolate yet, seen by the client. "Code at hand": the runner
 * has the code in memory and a fresh sandbox has no isolate of it; "in PostgreSQL": nothing but the
 * database has it. Once with a pause before each, and once in a row without any.
 */
export async function measureColdStart(ours: OpenWorkersPeer, loader: Peer): Promise<string[]> {
  const inPostgres = await firstRequests(ours, pauseMs);
  const warm = await firstRequests(ours, pauseMs);
  await replaceSandboxes(ours);
  const atHand = await firstRequests(ours, pauseMs);
  await replaceSandboxes(ours);
  const inARow = await firstRequests(ours, 0);
  const loaded = await firstRequests(loader, pauseMs, 1);
  const loadedInARow = await firstRequests(loader, 0, 1 + measuredWorkers);
  const ratio = percentile(atHand, 50) / percentile(loaded, 50);
  return [
    '| first request | p50 ms | p90 ms |',
    '| --- | --- | --- |',
    row('OpenWorkers, code at hand', atHand),
    row('OpenWorkers, code in PostgreSQL', inPostgres),
    row('workerd loader', loaded),
    row('OpenWorkers, code at hand, in a row', inARow),
    row('workerd loader, in a row', loadedInARow),
    row('OpenWorkers, warm (for comparison)', warm),
    '',
    `code at hand / loader: ${ratio.toFixed(2)}`,
  ];
}

async function replaceSandboxes(ours: OpenWorkersPeer): Promise<void> {
  for (const pid of ours.sandboxPids()) process.kill(pid, 'SIGKILL');
  await untilAnswers(ours);
}

async function firstRequests(peer: Peer, waitMs: number, from = 1): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await call({ port: peer.port, host: peer.hostOf(0), agent });
  const times: number[] = [];
  for (let index = from; index < from + measuredWorkers; index += 1) {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const response = await call({ port: peer.port, host: peer.hostOf(index), agent });
    if (response.status !== 200) throw new Error(`${peer.name}: status ${response.status}`);
    times.push(response.ms);
  }
  agent.destroy();
  return times;
}

/** A killed sandbox is replaced; the first answer shows that the next one serves. */
async function untilAnswers(peer: Peer): Promise<void> {
  const deadline = performance.now() + 10_000;
  const agent = new Agent({ keepAlive: false });
  while (performance.now() < deadline) {
    const response = await call({ port: peer.port, host: peer.hostOf(0), agent }).catch(
      () => undefined,
    );
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${peer.name}: no answer within 10 s of the kill`);
}

function row(name: string, times: readonly number[]): string {
  return `| ${name} | ${percentile(times, 50).toFixed(2)} | ${percentile(times, 90).toFixed(2)} |`;
}
