import { Agent } from 'node:http';
import { startOpenWorkers } from '../bench/peers/openworkers.ts';
import { startWorkerdStatic } from '../bench/peers/workerd.ts';
import { call } from '../e2e/testing/http-client.ts';
import { freePort } from '../e2e/testing/platform.ts';
import { missingGlobals } from './missing-globals.ts';

/** Answers with the names on the global object and what it inherits, but for those of all objects. */
const source = `export default { fetch() {
  const names = new Set();
  for (let at = globalThis; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  names.delete('constructor');
  return Response.json([...names]);
} };`;

/** Names that workerd has on its global object and this platform has not. */
export async function namesOnlyInWorkerd(): Promise<string[]> {
  const ours = await startOpenWorkers(await freePort(), 0);
  const workerd = await startWorkerdStatic(await freePort(), source);
  try {
    await ours.deploy('globals', source);
    const mine = new Set(await ask(ours.port, 'globals.localhost'));
    const theirs = await ask(workerd.port, 'localhost');
    return theirs.filter((name) => !mine.has(name)).toSorted();
  } finally {
    await workerd.stop();
    await ours.stop();
  }
}

/** What is wrong with the list of missing globals, a line each. */
export function problemsOfGlobals(missing: readonly string[]): string[] {
  const unexplained = missing.filter((name) => missingGlobals[name] === undefined);
  const present = Object.keys(missingGlobals).filter((name) => !missing.includes(name));
  return [
    ...unexplained.map((name) => `global ${name}: workerd has it, and nothing says why we do not`),
    ...present.map((name) => `global ${name}: is not missing`),
  ];
}

async function ask(port: number, host: string): Promise<string[]> {
  const { status, body } = await call({ port, host, agent: new Agent({ keepAlive: false }) });
  if (status !== 200) throw new Error(`${host}:${port} answered ${status}: ${body.slice(0, 500)}`);
  const names: unknown = JSON.parse(body);
  if (!Array.isArray(names)) throw new Error(`${host}: no list`);
  return names.map(String);
}
