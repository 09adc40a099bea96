import { Agent } from 'node:http';
import { startOpenWorkers } from '../bench/peers/openworkers.ts';
import { startWorkerdStatic } from '../bench/peers/workerd.ts';
import { call } from '../e2e/testing/http-client.ts';
import { freePort } from '../e2e/testing/platform.ts';
import { allCases } from './cases/all-cases.ts';
import { compatWorker } from './compat-case.ts';

/** What one case came to in each of the runtimes, as JSON. */
export interface Observation {
  readonly area: string;
  readonly name: string;
  readonly ours: string;
  readonly workerd: string;
}

/** Runs every case in the whole platform and in workerd; takes some seconds. */
export async function observeAll(): Promise<Observation[]> {
  const ours = await startOpenWorkers(await freePort(), 0);
  try {
    const observations: Observation[] = [];
    for (const [area, cases] of Object.entries(allCases)) {
      const source = compatWorker(cases);
      await ours.deploy(area, source);
      const mine = await ask(ours.port, `${area}.localhost`);
      const theirs = await askWorkerd(source);
      for (const name of Object.keys(cases)) {
        observations.push({ area, name, ours: show(mine[name]), workerd: show(theirs[name]) });
      }
    }
    return observations;
  } finally {
    await ours.stop();
  }
}

async function askWorkerd(source: string): Promise<Record<string, unknown>> {
  const workerd = await startWorkerdStatic(await freePort(), source);
  try {
    return await ask(workerd.port, 'localhost');
  } finally {
    await workerd.stop();
  }
}

async function ask(port: number, host: string): Promise<Record<string, unknown>> {
  const agent = new Agent({ keepAlive: false });
  const { status, body } = await call({ port, host, agent });
  if (status !== 200) throw new Error(`${host}:${port} answered ${status}: ${body.slice(0, 500)}`);
  const value: unknown = JSON.parse(body);
  if (typeof value !== 'object' || value === null) throw new Error(`${host}: no JSON object`);
  // An object parsed from JSON has string keys.
  return value as Record<string, unknown>;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}
