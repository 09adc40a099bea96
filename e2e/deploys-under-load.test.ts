import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startLoad, until } from './testing/http-client.ts';
import { startPlatform, type Platform } from './testing/platform.ts';
import { descendantsRunning } from './testing/processes.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ OW_RUNNERS: '2' });
});
afterAll(() => platform.dispose());

test('twenty deploys on two runners under load: no failed request, each live on both', async () => {
  expect(descendantsRunning(platform.process.pid ?? 0, 'runner/src/main.ts')).toHaveLength(2);
  await platform.deploy('busy', worker(0));
  const target = { port: platform.port, host: 'busy.localhost' };
  await until(async () => (await call(target)).status === 200, 5_000, 'the first version');

  const stops = [
    startLoad(target, { connections: 32, keepAlive: true }),
    startLoad(target, { connections: 8, keepAlive: false }),
  ];
  const liveAfterMs: number[] = [];
  for (let version = 1; version <= 20; version += 1) {
    await platform.deploy('busy', worker(version));
    liveAfterMs.push(await until(() => isLiveEverywhere(version), 5_000, `version ${version}`));
  }
  const reports = await Promise.all(stops.map((stop) => stop()));

  for (const { refused, broken } of reports) {
    expect({ refused: [...refused], broken }).toEqual({ refused: [], broken: [] });
  }
  // Printed, not asserted: a crowded machine is no fault of the platform.
  console.log(`live everywhere at most ${Math.round(Math.max(...liveAfterMs))} ms after a deploy`);
}, 300_000);

function worker(version: number): string {
  return `export default { fetch: () => new Response('version ${version}') };`;
}

/** New connections land on either runner: ten new ones in a row must all agree. */
async function isLiveEverywhere(version: number): Promise<boolean> {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => call({ port: platform.port, host: 'busy.localhost' })),
  );
  return answers.every(({ body }) => body === `version ${version}`);
}
