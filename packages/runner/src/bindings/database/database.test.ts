import { createPlatformDatabase, bindResource, type BindingShape } from '@openworkers/db';
import { createTestSealer } from '@openworkers/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRunner, type TestRunner } from '../../testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from '../../testing/test-workers.ts';

const sealer = createTestSealer();
let workers: TestWorkers;
let runner: TestRunner;
let databaseId: string;
let count = 0;

beforeAll(async () => {
  workers = await openTestWorkers();
  const { runner: databaseUrl, postgate } = workers.test.roles;
  runner = await startTestRunner({ databaseUrl, postgateUrl: postgate, sealer });
  const { tenantId, id: actorId } = workers.user;
  const provisioner = { queries: workers.owner.queries, server: postgate, sealer };
  const input = { tenantId, actorId, name: 'main', maxRows: 100, timeoutSeconds: 5 };
  databaseId = (await createPlatformDatabase(provisioner, input)).id;
});
afterAll(async () => {
  await runner.stop();
  await workers.close();
});

/** What the body makes of `DB`. */
async function run(shape: BindingShape, body: string): Promise<unknown> {
  count += 1;
  const name = `db-${count}`;
  const code = `export default { async fetch(request, { DB }) {
    const attempt = (promise) => promise.then((value) => ['ok', value], (error) => [error.name, error.message]);
    return Response.json((await (async () => { ${body} })()) ?? null);
  } };`;
  const id = await workers.deployBound(name, code, ({ queries, ...key }) =>
    bindResource(queries, { ...key, key: 'DB', type: 'database', shape, targetId: databaseId }),
  );
  await workers.setCpuLimit(id, 10_000);
  const answer = await runner.call(name, { timeoutMs: 20_000 });
  expect(answer.status, answer.body).toBe(200);
  return JSON.parse(answer.body);
}

test("OpenWorkers' query answers rows, or the number of rows that were changed", async () => {
  const seen = await run(
    'openworkers',
    `return [
       await DB.query('create table users (id serial primary key, name text unique, age int)'),
       await DB.query('insert into users (name, age) values ($1, $2), ($3, $4)', ['Ada', 36, 'Bob', null]),
       await DB.query('insert into users (name) values ($1) returning id, name', ['Eve']),
       await DB.query('select name, age from users where age > $1', [30]),
       await DB.query('select count(*) from users'),
       await DB.query('delete from users where name = $1', ['Bob']),
       await DB.query('select 1 as x where false'),
       await attempt(DB.query("insert into users (name) values ('Ada')")),
       await DB.query("insert into users (name) values ('Ada')").catch(({ code, detail }) => [code, detail]),
     ];`,
  );
  expect(seen).toEqual([
    { rowsAffected: 0 },
    { rowsAffected: 2 },
    [{ id: 3, name: 'Eve' }],
    [{ name: 'Ada', age: 36 }],
    [{ count: 3 }],
    { rowsAffected: 1 },
    [],
    ['Error', 'duplicate key value violates unique constraint "users_name_key"'],
    ['23505', 'Key (name)=(Ada) already exists.'],
  ]);
});

test('values of every type arrive as they are', async () => {
  const seen = await run(
    'openworkers',
    `const show = (value) => typeof value === 'bigint' ? value + 'n'
       : value instanceof Uint8Array ? ['bytes', ...value]
       : typeof value === 'number' && !Number.isFinite(value) ? String(value)
       : Array.isArray(value) ? value.map(show) : value;
     const [row] = await DB.query(\`select 1::int2 i2, 9007199254740991 as safe, 9007199254740993 as unsafe,
       0.1::float8 f, 'NaN'::float8 nan, '-Infinity'::float4 inf, 1e30::numeric(40,5) num,
       true t, null n, 'é"\\\\'::text txt, '\\\\x00ff'::bytea bytes, '{"a":[1,null]}'::jsonb j, 'null'::json jn,
       '2024-01-02 03:04:05.123456+02'::timestamptz tz, '2024-01-02 03:04:05'::timestamp ts,
       'infinity'::timestamptz never, '2024-01-02'::date d, '03:04'::time tm, '1 day 2 h'::interval iv,
       array[1,null,3] ai, array[[1,2],[3,4]] a2, array['a,b','"q"','NULL',null,''] at, array[9007199254740993] ab,
       '[0:1]={1,2}'::int[] bounds, array['\\\\x01'::bytea] abytes, array['{"x":1}'::jsonb] aj, '{}'::text[] empty,
       gen_random_uuid()::text ~ '^[0-9a-f-]{36}$' uuid, 1 as "__proto__"\`);
     return Object.entries(row).map(([key, value]) => [key, show(value)]);`,
  );
  expect(Object.fromEntries((seen as [string, unknown][]).slice(0, -1))).toEqual({
    i2: 1,
    safe: 9007199254740991,
    unsafe: '9007199254740993n',
    f: 0.1,
    nan: 'NaN',
    inf: '-Infinity',
    num: '1000000000000000000000000000000.00000',
    t: true,
    n: null,
    txt: 'é"\\',
    bytes: ['bytes', 0, 255],
    j: { a: [1, null] },
    jn: null,
    tz: '2024-01-02T01:04:05.123456Z',
    ts: '2024-01-02T03:04:05',
    never: 'infinity',
    d: '2024-01-02',
    tm: '03:04:00',
    iv: '1 day 02:00:00',
    ai: [1, null, 3],
    a2: [
      [1, 2],
      [3, 4],
    ],
    at: ['a,b', '"q"', 'NULL', null, ''],
    ab: ['9007199254740993n'],
    bounds: [1, 2],
    abytes: [['bytes', 1]],
    aj: [{ x: 1 }],
    empty: [],
    uuid: true,
  });
  expect((seen as unknown[]).at(-1)).toEqual(['__proto__', 1]);
});

test('parameters of every type are stored as they are', async () => {
  const seen = await run(
    'openworkers',
    `await DB.query('create table p (n int, big int8, f float8, num numeric, b bool, t text, by bytea, d timestamptz, a text[], m int[], j jsonb)');
     const text = 'a\\\\"{}, é\\u{1f600}';
     await DB.query('insert into p values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)', [null, 2n ** 62n, NaN, '1.50', false, text,
       new Uint8Array([0, 92, 255]), new Date(0), [text, null, 'NULL', ''], [[1, 2], [3, 4]], { k: [text] }]);
     const [row] = await DB.query('select * from p');
     return [row.n, String(row.big), String(row.f), row.num, row.b, row.t === text, [...row.by], row.d, row.a[0] === text, row.a.slice(1), row.m,
       row.j.k[0] === text, (await attempt(DB.query('select $1', [undefined])))[0], (await attempt(DB.query('select $1', [Symbol()])))[0],
       (await attempt(DB.query('select $1::int', [1, 2])))[1], (await attempt(DB.query('select 1', 'x')))[0],
       (await attempt(DB.query('select \\0 1')))[1]];`,
  );
  expect(seen).toEqual([
    null,
    String(2n ** 62n),
    'NaN',
    '1.50',
    false,
    true,
    [0, 92, 255],
    '1970-01-01T00:00:00Z',
    true,
    [null, 'NULL', ''],
    [
      [1, 2],
      [3, 4],
    ],
    true,
    'TypeError',
    'TypeError',
    'bind message supplies 2 parameters, but prepared statement "" requires 1',
    'TypeError',
    'SQL cannot contain the character U+0000',
  ]);
});

test("Cloudflare's shape prepares, binds, batches and executes", async () => {
  const seen = await run(
    'cloudflare',
    `const { count } = await DB.exec(\`create table d1 (id serial, name text, j jsonb);
       -- a comment; with a semicolon
       insert into d1 (name) values ('semi;colon'), ($$dollar;quoted$$);
       create function twice(i int) returns int begin atomic; select i * 2; end;\`);
     const by = DB.prepare('select id, name from d1 where name = ?');
     const batch = await DB.batch([
       DB.prepare('insert into d1 (name, j) values (?2, ?1)').bind({ k: 1 }, 'x'),
       DB.prepare("select name from d1 where j ? 'k' and j @? '$.k' and name = ? -- ?\\n and '?' <> ?").bind('x', 'y'),
     ]);
     const failed = await attempt(DB.batch([DB.prepare("insert into d1 (name) values ('undone')"), DB.prepare('select 1/0')]));
     const { success, results, meta } = await by.bind('x').all();
     return [count, await by.bind('semi;colon').first(), await by.bind('nobody').first(), await by.bind('x').first('id'),
       (await attempt(by.bind('x').first('nope')))[1], await by.bind('x').raw(), await by.bind('x').raw({ columnNames: true }),
       batch.map(({ results, meta }) => [results, meta.changes]), failed, await by.bind('undone').all().then(({ results }) => results),
       success, results, typeof meta.duration, (await DB.prepare('update d1 set name = name').run()).meta.changes,
       await DB.prepare('select twice(?::int)').bind(4).first('twice'), (await attempt(DB.batch([{}])))[0]];`,
  );
  expect(seen).toEqual([
    3,
    { id: 1, name: 'semi;colon' },
    null,
    3,
    'D1_COLUMN_NOTFOUND: Column not found (nope)',
    [[3, 'x']],
    [
      ['id', 'name'],
      [3, 'x'],
    ],
    [
      [[], 1],
      [[{ name: 'x' }], 0],
    ],
    ['Error', 'division by zero'],
    [],
    true,
    [{ id: 3, name: 'x' }],
    'number',
    3,
    8,
    'TypeError',
  ]);
});

test('an event may do 100 queries, and no more', async () => {
  const seen = await run(
    'openworkers',
    `const all = await Promise.all(Array.from({ length: 101 }, () => attempt(DB.query('select 1'))));
     return [all.filter(([status]) => status === 'ok').length, all[100]];`,
  );
  expect(seen).toEqual([100, ['Error', 'Too many database queries: one event may make 100']]);
});
