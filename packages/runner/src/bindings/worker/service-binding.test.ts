import { bindResource, createUser, createWorker } from '@openworkers/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRunner, type TestRunner } from '../../testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from '../../testing/test-workers.ts';

let workers: TestWorkers;
let runner: TestRunner;

const echo = `export default { async fetch(request, env) {
  const { url, method, headers } = request;
  return Response.json({
    url, method, body: await request.text(),
    seen: [...headers].filter(([name]) => name !== 'x-request-id'),
  }, { status: 202, headers: { 'x-from': 'echo' } });
} };`;

beforeAll(async () => {
  workers = await openTestWorkers();
  runner = await startTestRunner({ databaseUrl: workers.test.roles.runner });
  const id = await workers.create('echo');
  await workers.deploy(id, echo);
});
afterAll(async () => {
  await runner.stop();
  await workers.close();
});

/** A worker whose `SVC` is that worker; the body answers the request. */
async function deployCaller(name: string, body: string, target: string): Promise<string> {
  const code = `export default { async fetch(request, { SVC }) { ${body} } };`;
  return workers.deployBound(name, code, async ({ queries, ...environment }) => {
    const { id } = await queries
      .selectFrom('workers')
      .select('id')
      .where('name', '=', target)
      .executeTakeFirstOrThrow();
    const binding = { key: 'SVC', type: 'worker', shape: 'openworkers', targetId: id } as const;
    await bindResource(queries, { ...environment, ...binding });
  });
}

test('a bound worker answers whatever the host, and is told nothing of who asks', async () => {
  const body = `return SVC.fetch('https://anything.example:6000/path?q=1', {
    method: 'POST', body: 'hello', headers: { 'x-own': 'kept', 'x-worker-id': 'forged', 'x-forwarded-for': '6.6.6.6' },
  });`;
  await deployCaller('caller', body, 'echo');
  const answer = await runner.call('caller');
  expect([answer.status, answer.headers['x-from']]).toEqual([202, 'echo']);
  const { url, method, body: sent, seen } = JSON.parse(answer.body) as Record<string, unknown>;
  expect([url, method, sent]).toEqual(['https://anything.example:6000/path?q=1', 'POST', 'hello']);
  const names = (seen as [string, string][]).map(([header]) => header);
  expect(names).toEqual(expect.arrayContaining(['x-own', 'host']));
  expect(names.filter((header) => /worker|forwarded-for|real-ip/.test(header))).toEqual([]);
});

test('bodies stream both ways while both workers run', async () => {
  const upper = await workers.create('upper');
  await workers.deploy(
    upper,
    `export default { fetch: (request) => new Response(request.body.pipeThrough(new TransformStream({
      transform: (chunk, controller) => controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())),
    }))) };`,
  );
  const body = `
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const encode = (text) => new TextEncoder().encode(text);
    const answer = SVC.fetch('http://upper/', { method: 'POST', body: readable, duplex: 'half' });
    await writer.write(encode('one'));
    const reader = (await answer).body.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    // Only now: what came before was not waiting for the end.
    await writer.write(encode('two'));
    await writer.close();
    const second = new TextDecoder().decode((await reader.read()).value);
    return Response.json([first, second, (await reader.read()).done]);`;
  await deployCaller('streaming', body, 'upper');
  expect((await runner.call('streaming')).body).toBe('["ONE","TWO",true]');
});

test('a new version of the bound worker answers within a second', async () => {
  const id = await workers.create('changing');
  await workers.deploy(id, `export default { fetch: () => new Response('one') };`);
  await deployCaller('follower', `return SVC.fetch('http://x/');`, 'changing');
  expect((await runner.call('follower')).body).toBe('one');
  await workers.deploy(id, `export default { fetch: () => new Response('two') };`);
  await runner.untilAnswers('follower', 'two', 1_000);
});

test('a worker bound to itself gets 16 levels deep, then 508', async () => {
  const id = await workers.create('recursive');
  const code = `export default { async fetch(request, { SVC }) {
    const level = Number(new URL(request.url).searchParams.get('level') ?? 0);
    const answer = await SVC.fetch('http://x/?level=' + (level + 1));
    return answer.status === 200 ? answer : new Response(level + ' ' + answer.status);
  } };`;
  await workers.deploy(id, code);
  const environment = await workers.createEnvironment({});
  await bindResource(workers.owner.queries, {
    tenantId: workers.user.tenantId,
    actorId: workers.user.id,
    environmentId: environment,
    key: 'SVC',
    type: 'worker',
    shape: 'openworkers',
    targetId: id,
  });
  await workers.link(id, environment);
  // Each level is an event of the same worker.
  await workers.owner.queries
    .insertInto('worker_limits')
    .values({ worker_id: id, tenant_id: workers.user.tenantId, concurrency: 50 })
    .execute();
  expect((await runner.call('recursive')).body).toBe('16 508');
});

test('failures of the bound worker are its own', async () => {
  const id = await workers.create('failing');
  await workers.deploy(id, `export default { fetch() { throw new Error('of failing'); } };`);
  await deployCaller(
    'survivor',
    `const answer = await SVC.fetch('http://x/'); return new Response('still here: ' + answer.status);`,
    'failing',
  );
  expect((await runner.call('survivor')).body).toBe('still here: 500');
  await workers.create('empty');
  await deployCaller(
    'early',
    `return new Response((await SVC.fetch('http://x/')).status);`,
    'empty',
  );
  expect((await runner.call('early')).body).toBe('404');
});

test("a foreign tenant's worker can neither be bound nor reached by any key", async () => {
  const { queries } = workers.owner;
  const stranger = await createUser(queries, { username: 'stranger' });
  const owner = { tenantId: stranger.tenantId, actorId: stranger.id };
  const { id: targetId } = await createWorker(queries, { ...owner, name: 'private' });
  const bound = workers.deployBound('intruder', '', (environment) =>
    bindResource(queries, {
      ...environment,
      key: 'SVC',
      type: 'worker',
      shape: 'openworkers',
      targetId,
    }),
  );
  await expect(bound).rejects.toMatchObject({ code: 'resource_not_found' });

  const body = `const { constructor: Fetcher } = SVC;
    const status = async (key) => (await new Fetcher(key).fetch('http://x/')).status;
    return Response.json([
      await status('${targetId}'), await status('private'), await status('SVC\\nSVC'), await status(''), await status('SVC'),
    ]);`;
  await deployCaller('guesser', body, 'echo');
  expect((await runner.call('guesser')).body).toBe('[404,404,404,404,202]');
});
