import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DatabaseLink } from './testing/database-link.ts';
import { killProcess } from './testing/kill-process.ts';
import { startTestRunner, type TestRunner } from './testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';

let workers: TestWorkers;
let workerId: string;
let link: DatabaseLink;
let runner: TestRunner;

const saying = (text: string): string =>
  `export default { fetch: (_request, env) => new Response('${text} ' + env.NAME) };`;

beforeAll(async () => {
  workers = await openTestWorkers();
  link = new DatabaseLink(workers.test.roles.runner);
  await link.mend();
  workerId = await workers.create('known');
  await workers.link(workerId, await workers.createEnvironment({ NAME: 'Ada' }));
  await workers.deploy(workerId, saying('hello'));
  const unknown = await workers.create('unknown');
  await workers.deploy(unknown, saying('nobody asked yet'));
});
afterAll(() => workers.close());

beforeEach(async () => {
  runner = await startTestRunner({ databaseUrl: link.connectionString });
  await runner.untilAnswers('known', 'hello Ada');
  return () => runner.stop();
});

async function withoutDatabase(work: () => Promise<void>): Promise<void> {
  link.cut();
  try {
    await work();
  } finally {
    await link.mend();
  }
}

test('without PostgreSQL, what is known keeps serving, also from a new sandbox', async () => {
  await withoutDatabase(async () => {
    expect((await runner.runner.readiness()).database).toBe(false);
    expect(await runner.call('known')).toMatchObject({ status: 200, body: 'hello Ada' });
    killProcess(runner.runner.sandboxPids.serving);
    await runner.untilAnswers('known', 'hello Ada', 5_000);
  });
});

test('what is not known is answered 503 with a time to try again, and served when it is back', async () => {
  await withoutDatabase(async () => {
    const answer = await runner.call('unknown', { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'database_unavailable' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
  await runner.untilAnswers('unknown', 'nobody asked yet undefined', 10_000);
});

test('a deploy that was not announced because the connection was down is seen when it is back', async () => {
  await withoutDatabase(async () => {
    await workers.deploy(workerId, saying('good evening'));
    expect(await runner.call('known')).toMatchObject({ body: 'hello Ada' });
  });
  await runner.untilAnswers('known', 'good evening Ada', 10_000);
  await workers.deploy(workerId, saying('hello'));
  await runner.untilAnswers('known', 'hello Ada', 1_000);
});
