import { createHash, randomUUID } from 'node:crypto';
import { platformLimits } from '@openworkers/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bytes,
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from '../testing/fixtures.ts';
import { deployVersion, findVersion, listVersions, type DeployVersionInput } from './queries.ts';

let db: OpenTestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.drop());

async function deployInput(name: string): Promise<DeployVersionInput> {
  const { user, worker } = await createUserWithWorker(db.queries, name);
  return {
    tenantId: user.tenantId,
    workerId: worker.id,
    actorId: user.id,
    codeType: 'typescript',
    code: bytes('export default {}'),
  };
}

const serving = (workerId: string) =>
  db.queries
    .selectFrom('worker_serving')
    .select(['version', 'percent'])
    .where('worker_id', '=', workerId)
    .execute();

test('a deploy writes version 1, serves it and records it', async () => {
  const input = await deployInput('first');
  const deployed = await deployVersion(db.queries, {
    ...input,
    sourceMap: bytes('{}'),
    message: 'hello',
  });
  const hash = createHash('sha256').update(input.code).digest('hex');
  expect(deployed).toEqual({ version: 1, hash, sizeBytes: 17, deployedAt: expect.any(Date) });
  expect(await listVersions(db.queries, input)).toEqual([
    {
      ...deployed,
      codeType: 'typescript',
      message: 'hello',
      deployedBy: input.actorId,
      percent: 100,
    },
  ]);
  const audit = await db.queries
    .selectFrom('audit_log')
    .select(['action', 'actor_id', 'tenant_id', 'details'])
    .where('target_id', '=', input.workerId)
    .where('action', '=', 'worker.deploy')
    .execute();
  expect(audit).toEqual([
    {
      action: 'worker.deploy',
      actor_id: input.actorId,
      tenant_id: input.tenantId,
      details: { version: 1, hash },
    },
  ]);
});

test('the next deploy serves alone; the version before it stays', async () => {
  const input = await deployInput('second');
  await deployVersion(db.queries, input);
  await deployVersion(db.queries, { ...input, code: bytes('2') });
  expect(await serving(input.workerId)).toEqual([{ version: 2, percent: 100 }]);
  const versions = await listVersions(db.queries, input);
  expect(versions.map(({ version, percent }) => [version, percent])).toEqual([
    [2, 100],
    [1, 0],
  ]);
  expect((await findVersion(db.queries, { ...input, version: 1 }))?.sizeBytes).toBe(17);
  expect(await findVersion(db.queries, { ...input, version: 3 })).toBeUndefined();
});

test('concurrent deploys all succeed, as versions in order', async () => {
  const input = await deployInput('concurrent');
  const deployed = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      deployVersion(db.queries, { ...input, code: bytes(`code ${index}`) }),
    ),
  );
  const numbers = deployed.map(({ version }) => version).sort((a, b) => a - b);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(await serving(input.workerId)).toEqual([{ version: 12, percent: 100 }]);
  // Each answer names the code that its own caller sent.
  for (const [index, { version, hash }] of deployed.entries()) {
    const stored = await findVersion(db.queries, { ...input, version });
    expect(stored?.hash).toBe(hash);
    expect(hash).toBe(createHash('sha256').update(`code ${index}`).digest('hex'));
  }
});

test('the last 100 versions are kept, and numbers are never used again', async () => {
  const input = await deployInput('pruned');
  await sql`update workers set last_version = 500 where id = ${input.workerId}`.execute(db.queries);
  for (let count = 0; count < 103; count += 1) await deployVersion(db.queries, input);
  const versions = await listVersions(db.queries, input);
  expect(versions).toHaveLength(platformLimits.keptVersions.tenant);
  expect(versions[0]?.version).toBe(603);
  expect(versions.at(-1)?.version).toBe(504);
  await sql`delete from worker_serving where worker_id = ${input.workerId}`.execute(db.queries);
  await sql`delete from worker_versions where worker_id = ${input.workerId}`.execute(db.queries);
  expect((await deployVersion(db.queries, input)).version).toBe(604);
});

test('a foreign tenant and an unknown worker are not told apart', async () => {
  const input = await deployInput('mine');
  const other = await deployInput('theirs');
  const foreign = deployVersion(db.queries, { ...input, tenantId: other.tenantId });
  await expect(foreign).rejects.toMatchObject({ code: 'worker_not_found' });
  const unknown = deployVersion(db.queries, { ...input, workerId: randomUUID() });
  await expect(unknown).rejects.toMatchObject({ code: 'worker_not_found' });
  expect(await listVersions(db.queries, input)).toEqual([]);
  expect(await listVersions(db.queries, { ...input, tenantId: other.tenantId })).toEqual([]);
});

test('code beyond the limit is refused and writes nothing', async () => {
  const input = await deployInput('large');
  const limit = platformLimits.codeBytes.tenant;
  const large = deployVersion(db.queries, { ...input, code: new Uint8Array(limit + 1) });
  await expect(large).rejects.toMatchObject({
    code: 'code_too_large',
    details: { sizeBytes: limit + 1, limit },
  });
  expect(await listVersions(db.queries, input)).toEqual([]);
  const largest = await deployVersion(db.queries, { ...input, code: new Uint8Array(limit) });
  expect(largest).toMatchObject({ version: 1, sizeBytes: limit });
});

test('a written version cannot be changed, not even by the owner of the schema', async () => {
  const input = await deployInput('immutable');
  await deployVersion(db.queries, input);
  for (const column of ['code', 'source_map', 'message', 'version', 'deployed_by']) {
    const update = sql`update worker_versions set ${sql.ref(column)} = ${sql.ref(column)}
      where worker_id = ${input.workerId}`.execute(db.queries);
    await expect(update).rejects.toThrow('rows of worker_versions cannot be changed');
  }
});

test('a serving version cannot be deleted, one that serves nothing can', async () => {
  const input = await deployInput('serving');
  await deployVersion(db.queries, input);
  await deployVersion(db.queries, input);
  const remove = (version: number) =>
    db.queries
      .deleteFrom('worker_versions')
      .where('worker_id', '=', input.workerId)
      .where('version', '=', version)
      .execute();
  await expect(remove(2)).rejects.toThrow('worker_serving');
  await remove(1);
  expect((await listVersions(db.queries, input)).map(({ version }) => version)).toEqual([2]);
});

test('the shares of what serves must add up to 100 when the transaction commits', async () => {
  const input = await deployInput('shares');
  await deployVersion(db.queries, input);
  await deployVersion(db.queries, input);
  const share = (newPercent: number, oldPercent: number) =>
    db.queries.transaction().execute(async (tx) => {
      await sql`update worker_serving set percent = ${newPercent}
        where worker_id = ${input.workerId}`.execute(tx);
      await sql`insert into worker_serving (worker_id, version, tenant_id, percent)
        values (${input.workerId}, 1, ${input.tenantId}, ${oldPercent})`.execute(tx);
    });
  await expect(share(90, 20)).rejects.toThrow('add up to 110');
  await expect(share(50, 0)).rejects.toThrow('worker_serving_percent_check');
  await share(90, 10);
  expect(await serving(input.workerId)).toEqual([
    { version: 2, percent: 90 },
    { version: 1, percent: 10 },
  ]);
});

test('a version that does not exist cannot serve', async () => {
  const input = await deployInput('missing-version');
  const insert = sql`insert into worker_serving (worker_id, version, tenant_id, percent)
    values (${input.workerId}, 1, ${input.tenantId}, 100)`.execute(db.queries);
  await expect(insert).rejects.toThrow('foreign key');
});
