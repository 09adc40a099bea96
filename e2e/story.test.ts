import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, until } from './testing/http-client.ts';
import { startPlatform, startPlatformIn, type Platform } from './testing/platform.ts';

const example = (path: string): string =>
  fileURLToPath(new URL(`../examples/${path}`, import.meta.url));

describe('the README’s story', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.dispose());

  test('a created and deployed example answers on its own hostname', async () => {
    expect(await platform.ow('workers', 'create', 'hello')).toMatchObject({ code: 0 });
    const deployed = await platform.ow('workers', 'deploy', 'hello', example('hello/worker.ts'));
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stdout).toContain(`http://hello.localhost:${platform.port}`);

    const answer = await call({ port: platform.port, host: 'hello.localhost' });
    expect(answer.status).toBe(200);
    expect(readFileSync(example('hello/README.md'), 'utf8')).toContain(answer.body.trim());
  });

  test('an edit is live after its deploy, without a restart', async () => {
    const file = join(platform.folder, 'edited.ts');
    writeFileSync(file, `export default { fetch: () => new Response('edited') };`);
    expect(await platform.ow('workers', 'deploy', 'hello', file)).toMatchObject({ code: 0 });
    const ms = await until(
      async () => (await call({ port: platform.port, host: 'hello.localhost' })).body === 'edited',
      5_000,
      'the new answer',
    );
    // Printed, not asserted: a crowded machine is no fault of the platform.
    console.log(`live ${Math.round(ms)} ms after the deploy`);
  });

  test('a broken worker is refused with file, line and column, and the old one keeps serving', async () => {
    const file = join(platform.folder, 'broken.ts');
    writeFileSync(file, `export default {\n  fetch() { return new Response('x' }\n};\n`);
    const refused = await platform.ow('workers', 'deploy', 'hello', file);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/broken\.ts:2:\d+/);
    expect((await call({ port: platform.port, host: 'hello.localhost' })).body).toBe('edited');
  });

  test('the Hono example runs unmodified: routing, JSON, middleware, streaming', async () => {
    const deployed = await platform.ow(
      'workers',
      'deploy',
      'hono',
      example('hono/worker.ts'),
      '--create',
    );
    expect(deployed.code, deployed.stderr).toBe(0);
    const readme = readFileSync(example('hono/README.md'), 'utf8');
    const calls = [
      ...readme.matchAll(/^curl (?:-\S+ )*http:\/\/hono\.localhost:8080(\/\S*)\s*$/gm),
    ];
    expect(calls.length).toBeGreaterThan(1);
    for (const [, path = '/'] of calls) {
      const answer = await call({ port: platform.port, host: 'hono.localhost', path });
      expect(answer.status, `${path}: ${answer.body}`).toBe(200);
      const firstLine = answer.body.trim().split('\n')[0] ?? '';
      expect(readme).toContain(firstLine);
    }
  });

  test('unknown hosts get 404 host_not_found, the platform host a page', async () => {
    const unknown = await call({
      port: platform.port,
      host: 'nobody.localhost',
      headers: { accept: 'application/json' },
    });
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.body)).toMatchObject({ code: 'host_not_found' });
    const page = await call({
      port: platform.port,
      host: 'localhost',
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(200);
    expect(page.body).toContain('ow workers deploy');
  });

  test('deleting a worker takes it off its hostname', async () => {
    await platform.deploy('fleeting', `export default { fetch: () => new Response('here') };`);
    await until(
      async () => (await call({ port: platform.port, host: 'fleeting.localhost' })).status === 200,
      2_000,
      'the first answer',
    );
    expect(await platform.ow('workers', 'delete', 'fleeting', '--yes')).toMatchObject({ code: 0 });
    await until(
      async () => (await call({ port: platform.port, host: 'fleeting.localhost' })).status === 404,
      2_000,
      '404 after the delete',
    );
  });

  test('after a stop and a start everything is still there', async () => {
    expect(await platform.stop()).toBe(0);
    platform = await startPlatformIn(platform.folder, platform.env);
    const answer = await call({ port: platform.port, host: 'hello.localhost' });
    expect(answer).toMatchObject({ status: 200, body: 'edited' });
  });
});
