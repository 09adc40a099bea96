import {
  bindResource,
  createKvNamespace,
  createUser,
  putKvEntry,
  setSecret,
  setVariable,
} from '@openworkers/db';
import { createTestSealer } from '@openworkers/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRunner, type TestRunner } from '../testing/test-runner.ts';
import { until } from '../testing/until.ts';
import { openTestWorkers, type TestWorkers } from '../testing/test-workers.ts';

const sealer = createTestSealer();
let workers: TestWorkers;
let runner: TestRunner;

beforeAll(async () => {
  workers = await openTestWorkers();
  runner = await startTestRunner({ databaseUrl: workers.test.roles.runner, sealer });
});
afterAll(async () => {
  await runner.stop();
  await workers.close();
});

test('secrets and variables are plain texts inside, frozen, and live within a second', async () => {
  const code = `export default { fetch: (request, env) => Response.json([env, Object.isFrozen(env)]) };`;
  let set = async (_value: string): Promise<void> => undefined;
  await workers.deployBound('secrets', code, async ({ queries, ...environment }) => {
    set = (value) => setSecret(queries, { ...environment, key: 'SECRET', value, sealer });
    await set('first');
    await setVariable(queries, { ...environment, key: 'NAME', value: 'Ada' });
  });
  expect((await runner.call('secrets')).body).toBe('[{"NAME":"Ada","SECRET":"first"},true]');
  await set('second');
  await runner.untilAnswers('secrets', '[{"NAME":"Ada","SECRET":"second"},true]', 2_000);
});

test('a secret copied into another row cannot be opened: the worker does not start', async () => {
  const code = `export default { fetch: (request, env) => new Response(env.STOLEN) };`;
  await workers.deployBound('thief', code, async ({ queries, environmentId, tenantId }) => {
    const { ciphertext, key_id } = await queries
      .selectFrom('environment_values')
      .select(['ciphertext', 'key_id'])
      .where('type', '=', 'secret')
      .executeTakeFirstOrThrow();
    await queries
      .insertInto('environment_values')
      .values({
        environment_id: environmentId,
        tenant_id: tenantId,
        key: 'STOLEN',
        type: 'secret',
        ciphertext,
        key_id,
      })
      .execute();
  });
  const { status, body } = await runner.call('thief');
  expect([status, body]).toEqual([503, expect.not.stringContaining('first')]);
  expect(runner.log.map(({ msg }) => msg)).toContain(
    'A secret cannot be decrypted with the master keys at hand.',
  );
});

test('what a worker prints of its secrets is redacted, in every form and in stacks', async () => {
  const secret = 'p"ss/wörd & more';
  const code = `export default { fetch(request, { SECRET, SHORT }) {
    const utf8 = new TextEncoder().encode(SECRET);
    console.log('plain', SECRET, SHORT);
    console.log('json', JSON.stringify({ SECRET }));
    console.log('base64', utf8.toBase64(), utf8.toBase64({ alphabet: 'base64url', omitPadding: true }));
    console.log('url', encodeURIComponent(SECRET), String(new URLSearchParams({ SECRET })));
    throw new Error('with ' + SECRET);
  } };`;
  await workers.deployBound('printer', code, async ({ queries, ...environment }) => {
    await setSecret(queries, { ...environment, key: 'SECRET', value: secret, sealer });
    await setSecret(queries, { ...environment, key: 'SHORT', value: 'seven77', sealer });
  });
  const { status, body } = await runner.call('printer');
  expect([status, body]).toEqual([500, expect.not.stringContaining('wörd')]);
  const findLogged = () =>
    runner.records.flatMap(({ instance, record }) =>
      instance?.workerName === 'printer' && record.kind === 'log' ? [record] : [],
    );
  await until(() => findLogged().length === 5, { timeoutMs: 5_000, what: 'five lines' });
  const logged = findLogged();
  expect(logged.map(({ message }) => message)).toEqual([
    'plain [redacted] seven77',
    'json {"SECRET":"[redacted]"}',
    expect.stringMatching(/^base64 \[redacted\]=* \[redacted\]$/),
    'url [redacted] SECRET=[redacted]',
    'Error: with [redacted]',
  ]);
  expect(logged.at(-1)?.stack).toMatch(/^Error: with \[redacted\]\n/);
});

test("no guess of a key or an id reaches another tenant's entries", async () => {
  const { queries } = workers.owner;
  const victim = await createUser(queries, { username: 'victim' });
  const owner = { tenantId: victim.tenantId, actorId: victim.id };
  const { id: namespaceId } = await createKvNamespace(queries, { ...owner, name: 'theirs' });
  const entry = { value: Buffer.from('treasure'), metadata: undefined, expiresAt: undefined };
  const scope = { namespaceId, tenantId: victim.tenantId };
  await putKvEntry(workers.owner, { ...scope, ...entry, key: 'k', encoding: 'text' });

  const bound = workers.deployBound('guess', '', (environment) =>
    bindResource(queries, {
      ...environment,
      key: 'KV',
      type: 'kv',
      shape: 'cloudflare',
      targetId: namespaceId,
    }),
  );
  await expect(bound).rejects.toMatchObject({ code: 'resource_not_found' });

  // The same key in a namespace of their own, and every method called on other things.
  const code = `export default { async fetch(request, { KV }) {
    const attempt = (run) => Promise.resolve().then(run).catch((error) => error.name);
    const proto = Object.getPrototypeOf(KV);
    const fake = Object.create(proto);
    return Response.json([
      await KV.get('k'),
      await attempt(() => proto.get.call(fake, 'k')),
      await attempt(() => proto.get.call({ binding: '${namespaceId}' }, 'k')),
      await attempt(() => new KV.constructor('${namespaceId}').get('k')),
      await attempt(() => new KV.constructor('OTHER').get('k')),
    ]);
  } };`;
  await workers.deployBound('own', code, async ({ queries: own, ...environment }) => {
    const { id } = await createKvNamespace(own, { ...environment, name: 'own' });
    await bindResource(own, {
      ...environment,
      key: 'KV',
      type: 'kv',
      shape: 'cloudflare',
      targetId: id,
    });
  });
  expect(JSON.parse((await runner.call('own')).body)).toEqual([
    null,
    'TypeError',
    'TypeError',
    'Error',
    'Error',
  ]);
});
