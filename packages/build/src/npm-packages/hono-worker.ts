import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { etag } from 'hono/etag';
import { html } from 'hono/html';
import { sign, verify } from 'hono/jwt';
import { streamSSE } from 'hono/streaming';
import { validator } from 'hono/validator';

const app = new Hono<{ Variables: { started: boolean } }>();

app.use(
  createMiddleware(async (c, next) => {
    c.set('started', true);
    await next();
  }),
);
app.use('/api/*', cors({ origin: 'https://app.example' }));
app.get('/api/books/:id{[0-9]+}', etag(), (c) =>
  c.json({ id: Number(c.req.param('id')), started: c.get('started'), q: c.req.queries('q') }),
);
app.post(
  '/books',
  validator('form', (value, c) =>
    typeof value['title'] === 'string' ? { title: value['title'] } : c.text('no title', 400),
  ),
  (c) => c.json(c.req.valid('form'), 201),
);
app.get('/page', (c) => c.html(html`<p>${'<script>'}</p>`));
app.get('/token', async (c) => {
  const token = await sign({ sub: 'ada' }, 'key', 'HS256');
  const payload = await verify(token, 'key', 'HS256');
  return c.json({ parts: token.split('.').length, sub: payload['sub'] });
});
app.get('/events', (c) =>
  streamSSE(c, async (stream) => {
    for (let id = 0; id < 2; id += 1) await stream.writeSSE({ data: `tick ${id}`, id: `${id}` });
  }),
);

export default app;
