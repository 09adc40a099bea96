import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { assertPortFree } from './port-probe.ts';

const servers: Server[] = [];

async function occupy(options: { reusePort: boolean }): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  // A listening TCP server has an address with a port.
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test.each([true, false])(
  'a port somebody listens on (reusePort: %s) is one line that names the setting',
  async (reusePort) => {
    const port = await occupy({ reusePort });
    await expect(assertPortFree({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'invalid_config',
      message: `OW_PORT: port ${port} on 127.0.0.1 is already in use; choose another port`,
    });
  },
);

test('a free port is free, also for whoever listens next', async () => {
  const port = await occupy({ reusePort: false });
  const [server] = servers.splice(0);
  server?.close();
  await assertPortFree({ host: '127.0.0.1', port });
  await assertPortFree({ host: '127.0.0.1', port });
});

test('a foreign address is told by its setting', async () => {
  await expect(assertPortFree({ host: '192.0.2.1', port: 8080 })).rejects.toMatchObject({
    code: 'invalid_config',
    message: 'OW_HOST: this machine has no address 192.0.2.1',
  });
});
