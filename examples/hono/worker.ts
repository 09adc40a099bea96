import { Hono } from 'hono';
import { streamText } from 'hono/streaming';

const app = new Hono();

app.use(async (c, next) => {
  await next();
  c.header('x-powered-by', 'Hono on OpenWorkers');
});

app.get('/', (c) => c.text('Hello from Hono!'));

app.get('/users/:name', (c) =>
  c.json({ name: c.req.param('name'), likes: ['workers', 'isolates'] }),
);

app.post('/echo', async (c) => c.json(await c.req.json(), 201));

app.get('/count', (c) =>
  streamText(c, async (stream) => {
    for (const number of [3, 2, 1]) {
      await stream.writeln(String(number));
      await stream.sleep(100);
    }
    await stream.writeln('lift-off');
  }),
);

app.notFound((c) => c.json({ error: 'there is nothing here', path: c.req.path }, 404));

export default app;
