import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOw, type Ow } from './testing/ow.ts';

let ow: Ow;
beforeAll(() => {
  ow = createOw();
});
afterAll(() => ow.dispose());

test('--version and --help answer on stdout with code 0', async () => {
  expect(await ow.run('--version')).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
  const help = await ow.run('--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('workers|w');
});

test('a word that is neither command nor alias is a usage error that says what to type', async () => {
  expect(await ow.run('prodution', 'workers', 'list')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "error: there is no command and no alias "prodution"
    next: ow --help
    ",
      "stdout": "",
    }
  `);
});

test('an unknown subcommand, a missing argument and an unknown option are usage errors', async () => {
  expect(await ow.run('workers', 'lst')).toMatchObject({ code: 2, stdout: '' });
  expect(await ow.run('workers', 'create')).toMatchObject({
    code: 2,
    stderr: "error: missing required argument 'name'\n",
  });
  expect(await ow.run('workers', 'list', '--nope')).toMatchObject({
    code: 2,
    stderr: "error: unknown option '--nope'\n",
  });
});

test('without an alias the error says how to get one', async () => {
  expect(await ow.run('workers', 'list')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "error: no alias specified and no default configured
    next: start a platform here (npm start), or name one: ow alias set NAME --db URL
    ",
      "stdout": "",
    }
  `);
});

test('with --json an error is one JSON line on stderr', async () => {
  const result = await ow.run('workers', 'list', '--json');
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(JSON.parse(result.stderr)).toMatchObject({ code: 'usage' });
});

test('an unreachable database is reported without its password', async () => {
  const url = 'postgres://someone:topsecret@127.0.0.1:1/nothing';
  await ow.run('alias', 'set', 'gone', '--db', url, '--user', 'admin@localhost');
  const result = await ow.run('gone', 'workers', 'list');
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain('The database cannot be reached');
  expect(result.stderr).toContain('next: ');
  expect(result.stderr).not.toContain('topsecret');
});

test('start takes no alias', async () => {
  await ow.run('alias', 'set', 'gone', '--db', 'postgres://localhost/x', '--force');
  expect(await ow.run('gone', 'start')).toMatchObject({ code: 2 });
});
