import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { duplexPair } from 'node:stream';
import {
  FramedPipe,
  StreamTable,
  type ChannelHandler,
  type PipeChannel,
} from '@openworkers/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testInstance } from '../../testing/test-instance.ts';
import { until } from '../../testing/until.ts';
import { EgressAllowance } from '../egress-allowance.ts';
import { EgressGuard } from '../egress-guard.ts';
import { createGuardedConnector } from '../guarded-connector.ts';
import { PlatformEndpoints } from '../platform-endpoints.ts';
import { TenantSlots } from '../tenant-slots.ts';
import { TestOrigin } from '../testing/test-origin.ts';
import { FetchEgress } from './fetch-egress.ts';
import { TenantAgents } from './tenant-agents.ts';

/* The sandbox's side is the test: it may say whatever a compromised sandbox would. */

let origin: TestOrigin;
let agents: TenantAgents;
let egress: FetchEgress;
let sandbox: StreamTable;
let runner: StreamTable;
let asked: string[];

beforeEach(async () => {
  origin = new TestOrigin();
  await origin.listen();
  asked = [];
  const resolve = (host: string): Promise<string[]> => {
    asked.push(host);
    // Another answer each time, as of a server that wants to be somewhere else.
    return Promise.resolve(asked.length % 2 === 1 ? ['127.0.0.1'] : ['127.0.0.66']);
  };
  const guard = new EgressGuard({
    allowance: new EgressAllowance(['127.0.0.1']),
    endpoints: new PlatformEndpoints({ ownPorts: () => [], database: undefined, resolve }),
    resolve,
    resolveNamed: resolve,
  });
  agents = new TenantAgents({ connect: createGuardedConnector(guard, 300), idleMs: 1_000 });
  egress = new FetchEgress({ agents, slots: new TenantSlots(3) });
  const [near, far] = duplexPair();
  sandbox = tableOn(near, 'sandbox');
  runner = tableOn(far, 'runner');
});

afterEach(async () => {
  agents.destroy();
  await origin.stop();
});

function tableOn(
  stream: ReturnType<typeof duplexPair>[0],
  side: 'sandbox' | 'runner',
): StreamTable {
  const pipe: FramedPipe = new FramedPipe({
    stream,
    maxIncomingBytes: 1024 * 1024,
    onFrame: (type, id, payload) => void table.handleFrame(type, id, payload),
    onClose: () => undefined,
  });
  const table = new StreamTable({ pipe, side });
  return table;
}

class Exchange implements ChannelHandler {
  readonly channel: PipeChannel;
  head: { status: number; headers: string } | undefined;
  body = '';
  ending: string | undefined;

  constructor(channel: PipeChannel) {
    this.channel = channel;
  }

  message(text: string): void {
    this.head = JSON.parse(text) as { status: number; headers: string };
  }

  data(data: Buffer | string): void {
    this.body += data.toString();
    this.channel.grant(data.length);
  }

  end(): void {
    this.ending = 'end';
  }

  error(message: string): void {
    this.ending = message;
  }

  sent(): void {
    // Nothing here waits for room.
  }

  async ended(): Promise<this> {
    await until(() => this.ending !== undefined, { timeoutMs: 10_000, what: 'the end' });
    return this;
  }
}

function ask(question: object, tenantId = 'tenant'): Exchange {
  const near = sandbox.openChannel('fetch');
  if (near === undefined) throw new Error('no channel');
  const exchange = new Exchange(near);
  near.handler = exchange;
  const far = runner.acceptChannel(near.id, 'fetch');
  const instance = testInstance({ tenantId });
  const usual = { method: 'GET', headers: '', hasBody: false };
  const url = 'url' in question ? question.url : `${origin.url}/echo`;
  const argument = JSON.stringify({ ...usual, ...question, url });
  try {
    far.handler = egress.open({ instance, requestId: 'request', argument }, far);
  } catch (error) {
    exchange.ending = String(error);
  }
  return exchange;
}

describe('a sandbox that lies', () => {
  test.each([
    ['a line break in a header', { headers: 'a\nb\rx: y' }, 'not allowed'],
    ['a line break in a name', { headers: 'a\rb\nc' }, 'not allowed'],
    ['a header after a header', { headers: 'a\nb\r\nx: y' }, 'malformed'],
    ['half a header', { headers: 'a' }, 'malformed'],
    ['far too many headers', { headers: 'a\nb\n'.repeat(300).trimEnd() }, 'too many'],
    ['a method with a space', { method: 'GET / HTTP/1.1\r\nx: y' }, 'method'],
    ['CONNECT', { method: 'connect' }, 'not allowed'],
    ['a GET with a body', { hasBody: true }, 'cannot have a body'],
    ['a URL with a line break', { url: 'http://127.0.0.1/\r\nx: y' }, 'URL'],
    ['credentials in the URL', { url: 'http://a:b@127.0.0.1/' }, 'URL'],
    ['another protocol', { url: 'file:///etc/passwd' }, 'URL'],
    ['no address at all', { url: 'http://' }, 'URL'],
    ['a length that is none', { contentLength: -1 }, 'contentLength'],
    ['an address inside', { url: 'http://10.0.0.1/' }, 'not on the public network'],
    ['an address inside, mapped', { url: 'http://[::ffff:7f00:1]/' }, 'not on the public network'],
  ])('about %s is refused', async (_name, question, message) => {
    const { ending } = await ask(question).ended();
    expect(ending).toContain(message);
    expect(origin.requests).toEqual([]);
  });

  test('cannot write what belongs to the connection', async () => {
    origin.on('/echo', (request, response) => void response.end(JSON.stringify(request.headers)));
    const headers = ['Host', 'Connection', 'Content-Length', 'Transfer-Encoding', 'Upgrade', 'TE'];
    const flat = headers.map((name) => `${name}\nevil`).join('\n');
    const { body } = await ask({ method: 'POST', headers: flat }).ended();
    expect(JSON.parse(body)).toEqual({
      host: `127.0.0.1:${origin.port}`,
      connection: 'keep-alive',
      'content-length': '0',
    });
  });

  test('about the length of a body sends nobody else a request', async () => {
    const exchange = ask({ method: 'POST', hasBody: true, contentLength: 2 });
    exchange.channel.send(Buffer.from('{}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'));
    exchange.channel.end();
    await exchange.ended();
    expect(origin.requests.map(({ url }) => url)).not.toContain('/smuggled');
  });
});

describe('a connection', () => {
  test('goes to the address that was checked, not to what the name server says next', async () => {
    origin.on('/echo', (request, response) => void response.end(request.headers.host));
    const url = `http://rebinding.example:${origin.port}/echo`;
    expect(await ask({ url }).ended()).toMatchObject({
      ending: 'end',
      body: `rebinding.example:${origin.port}`,
    });
    expect(asked).toEqual(['rebinding.example']);
    agents.destroy();
    expect((await ask({ url }).ended()).ending).toContain('not on the public network');
  });

  test('is not shared between tenants', async () => {
    const ports = new Set<number | undefined>();
    origin.on('/echo', (request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    await ask({}, 'one').ended();
    await ask({}, 'one').ended();
    expect(ports.size).toBe(1);
    await ask({}, 'other').ended();
    expect(ports.size).toBe(2);
  });

  test('to an origin that never answers ends by time', async () => {
    origin.on('/echo', () => undefined);
    expect((await ask({}).ended()).ending).toBe('the origin did not answer in time');
  });

  test('on which nothing comes any more ends by time', async () => {
    origin.on('/echo', (_request, response) => void response.write('first'));
    expect(await ask({}).ended()).toMatchObject({
      body: 'first',
      ending: 'the origin stopped sending',
    });
  });

  test('whose TLS handshake never ends is given up', async () => {
    const server: Server = createTcpServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { ending } = await ask({ url: `https://127.0.0.1:${port}/` }).ended();
    server.close();
    expect(ending).toBe('the connection was not made in time');
  });

  test('that nobody listens on is refused', async () => {
    const url = `${origin.url}/`;
    await origin.stop();
    expect((await ask({ url }).ended()).ending).toBe('the origin refuses the connection');
  });
});

test('a tenant has so many requests at once, and another tenant its own', async () => {
  origin.on('/echo', () => undefined);
  const open = [ask({}), ask({}), ask({})];
  expect((await ask({}).ended()).ending).toContain('too many outgoing connections at once');
  expect(ask({}, 'other').ending).toBeUndefined();
  open[0]?.channel.fail('reset');
  const again = (): Exchange => ask({});
  await until(() => again().ending === undefined, { timeoutMs: 5_000, what: 'room' });
});
