import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'svelte/compiler';
import { afterEach, expect, test } from 'vitest';
import { PreparedWorker } from '../testing/run-prepared.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

let worker: PreparedWorker | undefined;
afterEach(() => worker?.dispose());

async function start(path: string, cwd = import.meta.dirname): Promise<PreparedWorker> {
  // Making an RSA key may take longer than an event has.
  worker = await PreparedWorker.start({ source: { kind: 'file', path }, cwd }, { cpuMs: 10_000 });
  return worker;
}

test('hono: routing, validation, etag, tokens and server-sent events', async () => {
  const ask = asking(await start('hono-worker.ts'));
  const book = await ask('/api/books/7?q=a&q=b', { headers: { origin: 'https://app.example' } });
  expect(JSON.parse(book.body)).toEqual({ id: 7, started: true, q: ['a', 'b'] });
  expect(book.headers.get('access-control-allow-origin')).toBe('https://app.example');
  const etag = book.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[0-9a-f]{40}"$/);
  const again = await ask('/api/books/7?q=a&q=b', { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const added = await ask('/books', { headers: form, body: 'title=Two+words' });
  expect([added.status, added.body]).toEqual([201, '{"title":"Two words"}']);
  expect((await ask('/books', { headers: form, body: 'name=x' })).status).toBe(400);
  expect(JSON.parse((await ask('/token')).body)).toEqual({ parts: 3, sub: 'ada' });
  expect((await ask('/page')).body).toBe('<p>&lt;script&gt;</p>');
  expect((await ask('/events')).body).toBe('data: tick 0\nid: 0\n\ndata: tick 1\nid: 1\n\n');
});

test('zod: parsing, transformations, errors and JSON schema', async () => {
  const ask = asking(await start('zod-worker.ts'));
  const order = {
    id: '0197a2f8-92ab-7cde-8f01-23456789abcd',
    email: 'ada@example.org',
    items: [{ sku: 'ABC', count: 2 }],
    placedAt: '2026-01-02T03:04:05Z',
    kind: { type: 'gift', note: 'hi' },
    total: '12.5',
  };
  const good = await ask('/', { body: JSON.stringify(order) });
  expect(JSON.parse(good.body)).toEqual({
    ...order,
    placedAt: '2026-01-02T03:04:05.000Z',
    total: 12.5,
  });
  const bad = { ...order, email: 'no', items: [], kind: { type: 'gift', note: 'too long' } };
  const refused = await ask('/', { body: JSON.stringify({ ...bad, total: '-1' }) });
  expect(refused.status).toBe(422);
  for (const path of ['email', 'items', 'kind.note', 'total']) {
    expect(refused.body).toContain(`at ${path}`);
  }
  expect(JSON.parse((await ask('/schema')).body)).toMatchObject({
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
  });
});

test('jose: tokens signed, verified and encrypted with every kind of key', async () => {
  const ask = asking(await start('jose-worker.ts'));
  const token = (await ask('/')).body;
  const valid = await ask('/verify', { headers: { authorization: `Bearer ${token}` } });
  expect(JSON.parse(valid.body)).toMatchObject({ role: 'admin', iss: 'ow', aud: 'you' });
  const forged = `${token.slice(0, -4)}AAAA`;
  const refused = await ask('/verify', { headers: { authorization: `Bearer ${forged}` } });
  expect([refused.status, JSON.parse(refused.body)]).toEqual([
    401,
    { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' },
  ]);
  expect(JSON.parse((await ask('/keys')).body)).toEqual({
    RS256: ['RS256', 'RSA'],
    PS256: ['PS256', 'RSA'],
    ES256: ['ES256', 'EC'],
    EdDSA: ['EdDSA', 'OKP'],
  });
  expect(JSON.parse((await ask('/encrypted')).body)).toEqual({
    'RSA-OAEP-256': 'RSA-OAEP-256',
    'ECDH-ES+A128KW': 'ECDH-ES+A128KW',
  });
});

test('drizzle-orm: the SQL of joins and updates, and rows as objects', async () => {
  expect(await (await start('drizzle-worker.ts')).json('/')).toEqual({
    rows: [{ id: 7, title: 'Notes', pages: 300 }],
    asked: [
      {
        query:
          'select "books"."id", "books"."title", "books"."pages" from "books" inner join "authors" on "books"."author_id" = "authors"."id" where ("books"."pages" > $1 and "authors"."name" = $2) order by "books"."id" desc limit $3',
        params: [100, "Ada's", 3],
      },
      {
        query: 'update "books" set "pages" = "books"."pages" + 1 where "books"."id" = $1',
        params: [7],
      },
    ],
  });
});

test('itty-router: parameters, JSON, errors', async () => {
  const ask = asking(await start('itty-router-worker.ts'));
  expect((await ask('/hello/ada')).body).toBe('"hello ada"');
  expect((await ask('/hello')).body).toBe('"hello nobody"');
  const json = await ask('/json');
  expect(json.headers.get('content-type')).toMatch(/^application\/json/);
  expect(json.body).toBe('{"a":[1,2]}');
  expect((await ask('/echo', { body: '{"x":1}' })).body).toBe('{"x":1}');
  const refused = await ask('/refused');
  expect([refused.status, JSON.parse(refused.body)]).toEqual([
    403,
    { status: 403, error: 'not you' },
  ]);
  expect((await ask('/broken')).status).toBe(500);
  expect((await ask('/nowhere')).status).toBe(404);
});

test('nanoid: distinct identifiers of its alphabet', async () => {
  expect(await (await start('nanoid-worker.ts')).json('/')).toEqual({
    id: expect.stringMatching(/^[\w-]{21}$/),
    distinct: 1000,
    digits: expect.stringMatching(/^\d{6}$/),
  });
});

test('date-fns: parsing, arithmetic, formats and locales', async () => {
  expect(await (await start('date-fns-worker.ts')).json('/')).toEqual([
    '2024-01-31 12:30',
    'Mittwoch, 31. Januar 2024',
    '2024-02-29T12:30:00.000Z',
    2,
    '3 minutes ago',
  ]);
});

test('react-dom/server: to a string, and streamed with suspense', async () => {
  const ask = asking(await start('react-worker.jsx'));
  expect((await ask('/string')).body).toBe('<main id="_R_0_"><h1>&lt;Hello&gt;</h1>plain</main>');
  const streamed = (await ask('/')).body;
  expect(streamed).toContain('<h1>&lt;Hello&gt;</h1>');
  expect(streamed).toContain('<i>waiting</i>');
  expect(streamed).toContain('<b>streamed</b>');
});

test('svelte: a compiled component rendered on the server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ow-svelte-'));
  try {
    mkdirSync(join(folder, 'src'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { js } = compile(todo, { generate: 'server', filename: 'Todo.svelte' });
    writeFileSync(join(folder, 'src/Todo.js'), js.code);
    writeFileSync(join(folder, 'src/worker.js'), svelteWorker);
    const ask = asking(await start('src/worker.js', folder));
    const page: unknown = JSON.parse((await ask('/?name=%3CAda%3E')).body);
    expect(page).toEqual({
      head: expect.stringContaining('<title>&lt;Ada></title>'),
      body: expect.stringMatching(
        /<h1 class="big">Hello &lt;Ada><\/h1>.*<li>one<\/li>.*<li>&lt;two><\/li>/s,
      ),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function asking(started: PreparedWorker): PreparedWorker['fetch'] {
  return (path, init) => started.fetch(path, init);
}

const todo = `<script>
  let { name, items } = $props();
  let count = $derived(items.length);
</script>

<svelte:head><title>{name}</title></svelte:head>

<h1 class="big">Hello {name}</h1>
{#if count > 0}
  <ul>{#each items as item (item)}<li>{item}</li>{/each}</ul>
{:else}
  <p>nothing to do</p>
{/if}`;

const svelteWorker = `import { render } from 'svelte/server';
// As a Svelte user's bundler plugin compiles it.
import Todo from './Todo.js';

export default {
  async fetch(request) {
    const name = new URL(request.url).searchParams.get('name') ?? '';
    const { head, body } = await render(Todo, { props: { name, items: ['one', '<two>'] } });
    return Response.json({ head, body });
  },
};`;
