import { expect, test } from 'vitest';
import { evaluateInIsolate, TestIsolate } from './testing/isolate-driver.ts';

test('a module worker answers a request', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { fetch: (request) => new Response(request.method + ' ' + request.url) }`,
  });
  const event = await (await isolate.fetch({ method: 'PUT', url: 'http://a.test/x?y' })).done();
  expect(event.status).toBe(200);
  expect(event.text).toBe('PUT http://a.test/x?y');
  isolate.dispose();
});

test('an expression evaluates inside', async () => {
  expect(await evaluateInIsolate('return 1 + await 2')).toBe(3);
});
