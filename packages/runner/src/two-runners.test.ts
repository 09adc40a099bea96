import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from './testing/http-client.ts';
import { startTestRunner, type TestRunner } from './testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

let workers: TestWorkers;
let workerId: string;
let first: TestRunner;
let second: TestRunner;

const saying = (text: string): string =>
  `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;

beforeAll(async () => {
  workers = await openTestWorkers();
  workerId = await workers.create('hello');
  await workers.deploy(workerId, saying('one'));
  const databaseUrl = workers.test.roles.runner;
  first = await startTestRunner({ databaseUrl });
  second = await startTestRunner({ databaseUrl, config: { port: first.port } });
});

afterAll(async () => {
  await first.stop();
  await workers.close();
});

/** One request on a connection of its own: either runner may get it. */
const ask = async (): Promise<string> => (await first.call('hello')).body;

test('two runners share a port, and both serve', async () => {
  await until(
    async () => {
      expect(await ask()).toBe('one');
      return first.records.length > 0 && second.records.length > 0;
    },
    { timeoutMs: 10_000, what: 'each runner has served a request' },
  );
});

test('a deploy is visible on both', async () => {
  await workers.deploy(workerId, saying('two'));
  let inARow = 0;
  await until(
    async () => {
      inARow = (await ask()) === 'two' ? inARow + 1 : 0;
      return inARow === 40;
    },
    { timeoutMs: 2_000, what: 'forty new answers in a row' },
  );
});

test('when one stops, the other serves alone', async () => {
  const { port } = second;
  await second.stop();
  for (let index = 0; index < 20; index += 1) {
    expect(await call({ port, host: 'hello.localhost' })).toMatchObject({ body: 'two' });
  }
});
