import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRunner, type TestRunner } from './testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

let workers: TestWorkers;
let runner: TestRunner;

beforeAll(async () => {
  workers = await openTestWorkers();
  runner = await startTestRunner({
    databaseUrl: workers.test.roles.runner,
    config: { internalPort: 0 },
  });
});

afterAll(async () => {
  await runner.stop();
  await workers.close();
});

const saying = (text: string): string =>
  `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;

async function deployNew(name: string, code: string): Promise<string> {
  const id = await workers.create(name);
  await workers.deploy(id, code);
  return id;
}

describe('hosts', () => {
  test('a worker answers on its name, a version on its preview host, the platform on its own', async () => {
    const id = await deployNew('hello', saying('one'));
    await workers.deploy(id, saying('two'));
    expect(await runner.call('hello')).toMatchObject({ status: 200, body: 'two' });
    expect(await runner.call('1--hello')).toMatchObject({ status: 200, body: 'one' });
    expect(await runner.call('hello.localhost:8080')).toMatchObject({ status: 200, body: 'two' });
    expect((await runner.call('9--hello')).status).toBe(404);
    const platform = await runner.call('127.0.0.1');
    expect(platform.status).toBe(200);
    expect(platform.body).toContain('OpenWorkers');
  });

  test('what nobody answers is 404 with a stable code', async () => {
    const answer = await runner.call('nobody', { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'host_not_found' });
    await workers.create('empty');
    const empty = await runner.call('empty', { headers: { accept: 'application/json' } });
    expect(JSON.parse(empty.body)).toMatchObject({ code: 'worker_not_deployed' });
  });

  test('a verified custom domain answers', async () => {
    const id = await deployNew('shop', saying('shop'));
    await workers.addDomain(id, 'shop.example.com', { isVerified: true });
    await workers.addDomain(id, 'claimed.example.com', { isVerified: false });
    expect(await runner.call('SHOP.example.com')).toMatchObject({ status: 200, body: 'shop' });
    expect((await runner.call('claimed.example.com')).status).toBe(404);
  });
});

describe('changes', () => {
  test('a deploy is visible within a second, also the first one of a worker', async () => {
    expect((await runner.call('fresh')).status).toBe(404);
    const id = await workers.create('fresh');
    await workers.deploy(id, saying('one'));
    await runner.untilAnswers('fresh', 'one', 1_000);
    await workers.deploy(id, saying('two'));
    await runner.untilAnswers('fresh', 'two', 1_000);
  });

  test('a changed variable is visible within a second, without a deploy', async () => {
    const id = await deployNew(
      'configured',
      'export default { fetch: (_request, env) => new Response(env.GREETING) };',
    );
    const environmentId = await workers.createEnvironment({ GREETING: 'hello' });
    await workers.link(id, environmentId);
    await runner.untilAnswers('configured', 'hello', 1_000);
    await workers.setValue(environmentId, 'GREETING', 'good evening');
    await runner.untilAnswers('configured', 'good evening', 1_000);
  });

  test('a deleted worker answers no more', async () => {
    const id = await deployNew('leaving', saying('still here'));
    await runner.untilAnswers('leaving', 'still here');
    await workers.remove(id);
    await until(async () => (await runner.call('leaving')).status === 404, {
      timeoutMs: 1_000,
      what: 'the worker is gone',
    });
  });
});

describe('records', () => {
  test('each request is one record of its worker and version', async () => {
    const workerId = await deployNew('counted', saying('x'));
    const { headers } = await runner.call('counted', { path: '/a?secret=1' });
    await until(() => runner.records.some((it) => it.instance?.workerId === workerId), {
      timeoutMs: 2_000,
      what: 'the record',
    });
    const mine = runner.records.filter((it) => it.instance?.workerId === workerId);
    expect(mine).toMatchObject([
      {
        instance: { workerName: 'counted', version: 1, tenantId: workers.user.tenantId },
        record: {
          kind: 'invocation',
          requestId: headers['x-request-id'],
          method: 'GET',
          path: '/a',
          status: 200,
          outcome: 'ok',
        },
      },
    ]);
  });

  test('an exception is logged with the position in the worker’s source, and not told the client', async () => {
    const workerId = await workers.create('throwing');
    // Line 2 of the code is line 41 of the source.
    const map = { version: 3, sources: ['src/index.ts'], names: [], mappings: ';AAwCA' };
    const code = `export default { fetch() {\nthrow new Error('it broke');\n} };`;
    await workers.deploy(workerId, code, JSON.stringify(map));
    const answer = await runner.call('throwing');
    expect(answer.status).toBe(500);
    expect(answer.headers['x-termination-reason']).toBe('Exception');
    expect(answer.body).not.toContain('it broke');
    const find = () =>
      runner.records.find(
        ({ instance, record }) => instance?.workerId === workerId && record.kind === 'log',
      );
    await until(() => find() !== undefined, { timeoutMs: 2_000, what: 'the log record' });
    const record = find()?.record;
    expect(record).toMatchObject({ level: 'error' });
    expect(JSON.stringify(record)).toContain('it broke');
    expect(record?.kind === 'log' ? record.stack : '').toContain('src/index.ts:41:');
  });
});

test('the internal port says whether the parts work', async () => {
  const port = runner.runner.internalPort ?? 0;
  const get = async (path: string): Promise<[number, unknown]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.json()];
  };
  expect(await get('/healthz')).toEqual([200, { status: 'ok' }]);
  expect(await get('/readyz')).toEqual([200, { status: 'ready', database: true, sandbox: true }]);
  expect((await get('/other'))[0]).toBe(404);
});
