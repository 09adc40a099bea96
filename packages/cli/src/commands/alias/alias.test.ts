import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOw, type Ow } from '../../testing/ow.ts';

let ow: Ow;
beforeEach(() => {
  ow = createOw();
});
afterEach(() => ow.dispose());

const readConfig = (): unknown => JSON.parse(readFileSync(ow.configPath, 'utf8'));

test('the first alias becomes the default, and the list hides passwords and tokens', async () => {
  expect(
    await ow.run('alias', 'set', 'here', '--db', 'postgres://me:pw@db/ow', '--user', 'ada'),
  ).toMatchObject({ code: 0, stdout: 'Set here (default)\n' });
  await ow.run('alias', 'set', 'there', '--api', 'https://ow.example/', '--token', 'ow_secret');
  const { stdout } = await ow.run('alias', 'list');
  expect(stdout).toMatchInlineSnapshot(`
    "* here   db   postgres://me:********@db/ow @ada
      there  api  https://ow.example/api/v1 (auth)
    "
  `);
  const json = await ow.run('alias', 'ls', '--json');
  expect(JSON.parse(json.stdout)).toEqual([
    {
      name: 'here',
      type: 'db',
      isDefault: true,
      database_url: 'postgres://me:********@db/ow',
      user: 'ada',
    },
    {
      name: 'there',
      type: 'api',
      isDefault: false,
      url: 'https://ow.example/api/v1',
      token: '********',
      insecure: false,
    },
  ]);
});

test('the file is upstream’s format and only its owner may read it', async () => {
  await ow.run('alias', 'set', 'there', '--api', 'https://h/api/v1', '--token', 't', '--insecure');
  expect(readConfig()).toEqual({
    version: 1,
    default: 'there',
    aliases: { there: { type: 'api', url: 'https://h/api/v1', token: 't', insecure: true } },
  });
  expect(statSync(ow.configPath).mode & 0o777).toBe(0o600);
});

test('an alias is replaced only with --force, and keeps what other programs wrote about it', async () => {
  const storage = { endpoint: 'https://s3', bucket: 'b' };
  const config = {
    version: 1,
    aliases: { p: { type: 'db', database_url: 'postgres://a/b', storage } },
  };
  writeFileSync(ow.configPath, JSON.stringify({ ...config, more: [1] }));
  expect(await ow.run('alias', 'set', 'p', '--db', 'postgres://c/d')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: Alias p already exists. Use --force to overwrite\n',
  });
  expect(await ow.run('alias', 'set', 'p', '--db', 'postgres://c/d', '-f')).toMatchObject({
    code: 0,
  });
  expect(readConfig()).toEqual({
    version: 1,
    more: [1],
    default: 'p',
    aliases: { p: { type: 'db', database_url: 'postgres://c/d', storage } },
  });
});

test('removing the default clears it', async () => {
  await ow.run('alias', 'set', 'a', '--db', 'postgres://h/a');
  await ow.run('alias', 'set', 'b', '--db', 'postgres://h/b');
  expect(await ow.run('alias', 'set-default', 'b')).toMatchObject({ stdout: 'Default is now b\n' });
  expect(await ow.run('alias', 'rm', 'b')).toMatchObject({ code: 0, stdout: 'Removed b\n' });
  expect(readConfig()).toEqual({
    version: 1,
    aliases: { a: { type: 'db', database_url: 'postgres://h/a' } },
  });
});

test('unknown aliases, command words and mixed-up flags are refused', async () => {
  const cases: [string[], number][] = [
    [['remove', 'nobody'], 1],
    [['set-default', 'nobody'], 1],
    [['set', 'workers', '--db', 'postgres://h/a'], 2],
    [['set', 'w', '--db', 'postgres://h/a'], 2],
    [['set', '-x', '--db', 'postgres://h/a'], 2],
    [['set', '__proto__', '--db', 'postgres://h/a'], 2],
    [['set', 'x'], 2],
    [['set', 'x', '--api', 'https://h', '--db', 'postgres://h/a'], 2],
    [['set', 'x', '--db', 'postgres://h/a', '--token', 't'], 2],
    [['set', 'x', '--api', 'https://h', '--user', 'u'], 2],
    [['set', 'x', '--api', 'ftp://h'], 2],
    [['set', 'x', '--db', 'mysql://h/a'], 2],
  ];
  for (const [args, code] of cases) {
    expect(await ow.run('alias', ...args), args.join(' ')).toMatchObject({ code, stdout: '' });
  }
});

test('a file that is no config file is explained and left as it is', async () => {
  for (const text of ['{', '[]', '{"version":2}', '{"version":1,"aliases":{"a":{"type":"x"}}}']) {
    writeFileSync(ow.configPath, text);
    const result = await ow.run('alias', 'set', 'a', '--db', 'postgres://h/a');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`${ow.configPath} is not a config file of ow`);
    expect(result.stderr).toContain('next: ');
    expect(readFileSync(ow.configPath, 'utf8')).toBe(text);
  }
});

test('a config file that is a link to another place stays a link', async () => {
  const target = join(dirname(ow.configPath), 'dotfiles', 'ow.json');
  mkdirSync(dirname(target));
  writeFileSync(target, '{"version":1,"default":null,"aliases":{}}');
  chmodSync(target, 0o644);
  symlinkSync(target, ow.configPath);
  await ow.run('alias', 'set', 'a', '--db', 'postgres://h/a');
  expect(JSON.parse(readFileSync(target, 'utf8'))).toMatchObject({ default: 'a' });
  expect(statSync(target).mode & 0o777).toBe(0o600);
});
