import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, createUser, ensureAdmin } from '@openworkers/db';
import { createTestDatabase, type TestDatabase } from '@openworkers/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOw, stable, type Ow } from '../../testing/ow.ts';

let database: TestDatabase;
let ow: Ow;

beforeAll(async () => {
  database = await createTestDatabase();
  const admin = createDatabase({
    connectionString: database.roles.cli,
    applicationName: 'test',
  });
  await ensureAdmin(admin.queries);
  await createUser(admin.queries, { username: 'bea' });
  await admin.close();
  ow = createOw({ OW_PORT: '8081' });
  const url = database.roles.cli.reveal();
  await ow.run('alias', 'set', 'local', '--db', url, '--user', 'admin@localhost');
  await ow.run('alias', 'set', 'bea', '--db', url, '--user', 'bea');
});
afterAll(async () => {
  ow.dispose();
  await database.drop();
});

function file(name: string, text: string): string {
  writeFileSync(join(ow.folder, name), text);
  return name;
}

test('a worker that needs Node.js says so, with a flag or a wrangler configuration', async () => {
  const text = `import { join } from 'node:path'; export default { fetch: () => new Response(join('a', process.env.B ?? 'b')) };`;
  const worker = file('node.ts', text);
  const refused = await ow.run('workers', 'deploy', 'noded', worker, '--create');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--nodejs-compat') });
  const flagged = await ow.run('workers', 'deploy', 'noded', worker, '--create', '--nodejs-compat');
  expect(flagged).toMatchObject({ code: 0, stderr: '' });
  file('wrangler.toml', 'compatibility_flags = ["nodejs_compat"]');
  expect(await ow.run('workers', 'deploy', 'noded', worker)).toMatchObject({ code: 0, stderr: '' });
  rmSync(join(ow.folder, 'wrangler.toml'));
  expect(await ow.run('workers', 'delete', 'noded', '--yes')).toMatchObject({ code: 0 });
});

test('an empty list says how to create a worker', async () => {
  expect(await ow.run('workers', 'list')).toEqual({
    code: 0,
    stdout: 'No workers found. Create one: ow workers create NAME\n',
    stderr: '',
  });
  expect(await ow.run('workers', 'list', '--json')).toMatchObject({ code: 0, stdout: '[]\n' });
});

test('a worker is created, shown and listed', async () => {
  expect(await ow.run('w', 'create', 'hello', '-d', 'greets people')).toEqual({
    code: 0,
    stdout: 'Created hello. Deploy it: ow workers deploy hello FILE\n',
    stderr: '',
  });
  const shown = await ow.run('workers', 'get', 'hello');
  expect(stable(shown.stdout)).toMatchInlineSnapshot(`
    "hello
      url          http://hello.localhost:8081/
      version      no deploy
      description  greets people
      id           <id>
      created      <time>
      updated      <time>
    "
  `);
  const listed = await ow.run('workers', 'ls');
  expect(listed.stdout).toMatchInlineSnapshot(`
    "NAME   VERSION    DESCRIPTION
    hello  no deploy  greets people
    "
  `);
  const json = await ow.run('workers', 'list', '--json');
  expect(stable(json.stdout)).toMatchInlineSnapshot(`
    "[
      {
        "id": "<id>",
        "name": "hello",
        "desc": "greets people",
        "environment": null,
        "currentVersion": null,
        "createdAt": "<time>",
        "updatedAt": "<time>"
      }
    ]
    "
  `);
});

test('names that are taken, reserved or malformed are refused', async () => {
  expect(await ow.run('workers', 'create', 'hello')).toMatchObject({
    code: 1,
    stderr: 'error: the name "hello" is already in use\n',
  });
  expect((await ow.run('workers', 'create', 'api')).stderr).toContain('reserved');
  expect((await ow.run('workers', 'create', 'No Good')).stderr).toContain('lower-case');
});

test('deploying to an unknown worker names the command that creates it', async () => {
  const result = await ow.run('workers', 'deploy', 'nobody', file('x.ts', 'export default {}'));
  expect(result).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: there is no worker "nobody"\nnext: ow workers create nobody\n',
  });
  const withAlias = await ow.run('bea', 'workers', 'deploy', 'hello', 'x.ts');
  expect(withAlias.stderr).toContain('next: ow bea workers create hello');
});

test('a deploy prints URL, version, size and start-up time', async () => {
  const source = file(
    'good.ts',
    `const n: number = 1; export default { fetch: () => new Response('v' + n) };`,
  );
  const deployed = await ow.run('workers', 'deploy', 'hello', source, '-m', 'first');
  expect(deployed).toMatchObject({ code: 0, stderr: '' });
  expect(stable(deployed.stdout)).toMatchInlineSnapshot(`
    "Deployed hello v1
      url       http://hello.localhost:8081/
      version   1 (<hash>)
      size      119 B
      start-up  <n> ms
    "
  `);
  const json = await ow.run('workers', 'deploy', 'hello', source, '--json');
  expect(stable(json.stdout)).toMatchInlineSnapshot(`
    "{
      "workerId": "<id>",
      "version": 2,
      "hash": "<hash>",
      "codeType": "typescript",
      "deployedAt": "<time>",
      "message": null,
      "sizeBytes": 119,
      "url": "http://hello.localhost:8081/",
      "startupMs": <n>,
      "handlers": [
        "fetch"
      ]
    }
    "
  `);
  expect((await ow.run('workers', 'list')).stdout).toContain('v2');
});

test('a file that does not build or start changes nothing and is explained', async () => {
  const syntax = file('syntax.ts', 'export default {\n  fetch() { return new Response("x" }\n};\n');
  expect(await ow.run('workers', 'deploy', 'hello', syntax)).toMatchInlineSnapshot(`
    {
      "code": 1,
      "stderr": "error: syntax.ts:2:37: Expected ")" but found "}"
      2 │   fetch() { return new Response("x" }
        ╵                                     ^
    next: correct it and deploy again; version 2 keeps serving
    ",
      "stdout": "",
    }
  `);
  const broken = file('throws.ts', 'type A = string;\n\nconst a: A = (undefined as any).b;\n');
  expect(await ow.run('workers', 'deploy', 'hello', broken)).toMatchInlineSnapshot(`
    {
      "code": 1,
      "stderr": "error: throws.ts:3:33: TypeError: Cannot read properties of undefined (reading 'b')
      3 │ const a: A = (undefined as any).b;
        ╵                                 ^
    next: correct it and deploy again; version 2 keeps serving
    ",
      "stdout": "",
    }
  `);
  expect(await ow.run('workers', 'deploy', 'hello', 'absent.ts')).toMatchObject({ code: 1 });
  expect((await ow.run('workers', 'list')).stdout).toContain('v2');
});

test('--create makes the worker, but only once the file is known to work', async () => {
  const broken = file('broken.js', 'export default');
  expect(await ow.run('workers', 'deploy', 'fresh', broken, '--create')).toMatchObject({ code: 1 });
  expect(await ow.run('workers', 'get', 'fresh')).toMatchObject({ code: 1 });
  const good = file('good.js', `export default { fetch: () => new Response('ok') };`);
  expect(await ow.run('workers', 'deploy', 'fresh', good, '--create')).toMatchObject({ code: 0 });
  expect((await ow.run('workers', 'get', 'fresh')).stdout).toContain(
    'http://fresh.localhost:8081/',
  );
});

test('another user neither sees nor changes the worker', async () => {
  expect((await ow.run('bea', 'workers', 'list', '--json')).stdout).toBe('[]\n');
  expect(await ow.run('bea', 'workers', 'get', 'hello')).toMatchObject({ code: 1, stdout: '' });
  expect(await ow.run('bea', 'workers', 'delete', 'hello', '--yes')).toMatchObject({ code: 1 });
  expect(await ow.run('workers', 'get', 'hello')).toMatchObject({ code: 0 });
});

test('delete asks at a terminal and needs --yes elsewhere', async () => {
  expect(await ow.run('workers', 'delete', 'hello')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: delete asks for confirmation, and this is not a terminal\n' +
      'next: ow workers delete hello --yes\n',
  });
  const declined = await ow.runAtTerminal(false, 'workers', 'delete', 'hello');
  expect(declined).toMatchObject({ code: 1, stdout: '' });
  expect(await ow.run('workers', 'get', 'hello')).toMatchObject({ code: 0 });
  const agreed = await ow.runAtTerminal(true, 'workers', 'rm', 'hello');
  expect(agreed).toMatchObject({ code: 0, stdout: 'Deleted hello\n' });
  expect(await ow.run('workers', 'get', 'hello')).toMatchObject({
    code: 1,
    stderr: 'error: there is no worker "hello"\nnext: ow workers list\n',
  });
});

test('an alias without a user, or with an unknown one, says what to do', async () => {
  const url = database.roles.cli.reveal();
  await ow.run('alias', 'set', 'nouser', '--db', url);
  expect((await ow.run('nouser', 'workers', 'list')).stderr).toContain('--user USERNAME');
  await ow.run('alias', 'set', 'stranger', '--db', url, '--user', 'stranger');
  expect(await ow.run('stranger', 'workers', 'list')).toMatchObject({
    code: 1,
    stderr: 'error: there is no user "stranger" (alias "stranger")\n',
  });
});
