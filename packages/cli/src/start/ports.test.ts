import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { assertPortFree, choosePort } from './ports.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(options: object): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

test.each([{}, { reusePort: true }])(
  'a port somebody listens on (%o) is refused by its setting',
  async (options) => {
    const port = await listen(options);
    await expect(assertPortFree('OW_PORT', { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'invalid_config',
      message: `OW_PORT: port ${port} on 127.0.0.1 is already in use; choose another one: OW_PORT=${port + 1} npm start`,
    });
  },
);

test('a chosen port is free, and free again afterwards', async () => {
  const port = await choosePort('127.0.0.1');
  expect(port).toBeGreaterThan(0);
  await assertPortFree('OW_PORT', { host: '127.0.0.1', port });
  await assertPortFree('OW_PORT', { host: '127.0.0.1', port });
});

test('an address this machine does not have names OW_HOST', async () => {
  await expect(assertPortFree('OW_PORT', { host: '192.0.2.1', port: 8080 })).rejects.toMatchObject({
    message: 'OW_HOST: this machine has no address 192.0.2.1',
  });
});
