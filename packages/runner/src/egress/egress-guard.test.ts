import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { EgressAllowance } from './egress-allowance.ts';
import { EgressGuard } from './egress-guard.ts';
import { createResolver, type ResolveHost } from './host-resolver.ts';
import { PlatformEndpoints } from './platform-endpoints.ts';
import { isPublicAddress } from './public-addresses.ts';
import { answerDns } from './testing/dns-server.ts';

interface GuardOptions {
  readonly allow?: readonly string[];
  readonly resolve?: ResolveHost;
  readonly ownPorts?: readonly number[];
  readonly database?: { readonly host: string; readonly port: number };
}

function guardOf({ allow = [], resolve, ownPorts = [], database }: GuardOptions = {}): EgressGuard {
  const nothing: ResolveHost = (host) => Promise.reject(new Error(`no ${host}`));
  return new EgressGuard({
    allowance: new EgressAllowance(allow),
    endpoints: new PlatformEndpoints({
      ownPorts: () => ownPorts,
      database,
      resolve: () => Promise.resolve(['10.9.9.9']),
    }),
    resolve: resolve ?? nothing,
    resolveNamed: resolve ?? nothing,
  });
}

/** As a URL names it, which is how the guard gets it. */
const hostOf = (host: string): string => new URL(`http://${host}/`).hostname;

describe('the guard refuses', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    // The same in other spellings.
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0',
    '0xa9fea9fe',
    '127.0.0.1.',
    '①②⑦.⓪.⓪.①',
    // IPv6
    '[::]',
    '[::1]',
    '[::7f00:1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:8.8.8.8]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::8.8.8.8]',
    '[64:ff9b:1::10.0.0.1]',
    '[100::1]',
    '[2001::1]',
    '[2001:0:7f00:1::]',
    '[2001:2::1]',
    '[2001:10::1]',
    '[2001:20::1]',
    '[2001:db8::1]',
    '[2002:7f00:1::1]',
    '[2002:808:808::1]',
    '[3ffe::1]',
    '[3fff::1]',
    '[4000::1]',
    '[5f00::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[febf::1]',
    '[fec0::1]',
    '[ff02::1]',
  ])('the address %s', async (host) => {
    await expect(guardOf().addressesOf(hostOf(host), 80)).rejects.toThrow(
      'is not on the public network',
    );
  });

  test('a name that has only such addresses', async () => {
    const guard = guardOf({ resolve: () => Promise.resolve(['10.0.0.1', '::1']) });
    await expect(guard.addressesOf('inside.example', 80)).rejects.toThrow(
      'inside.example is not on the public network',
    );
  });

  test('a name that cannot be resolved, without saying why', async () => {
    await expect(guardOf().addressesOf('nowhere.example', 80)).rejects.toThrow(
      /^the name nowhere\.example cannot be resolved$/,
    );
  });

  test.each(['', 'x', '1.2.3', '1.2.3.4.5', '::1%lo', '8.8.8.8/0', '[8.8.8.8]'])(
    '%j, which is no public address',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});

describe('the guard lets pass', () => {
  test.each([
    ['8.8.8.8', '8.8.8.8'],
    ['1.1.1.1.', '1.1.1.1'],
    ['172.32.0.1', '172.32.0.1'],
    ['100.128.0.1', '100.128.0.1'],
    ['192.0.1.1', '192.0.1.1'],
    ['[2606:4700:4700::1111]', '2606:4700:4700::1111'],
    ['[2a00:1450:4001::1]', '2a00:1450:4001::1'],
    ['[2001:200::1]', '2001:200::1'],
  ])('the address %s', async (host, address) => {
    expect(await guardOf().addressesOf(hostOf(host), 443)).toEqual([address]);
  });

  test('of a name only the public addresses', async () => {
    const resolve = (): Promise<string[]> => Promise.resolve(['10.0.0.1', '8.8.8.8', '::1']);
    expect(await guardOf({ resolve }).addressesOf('mixed.example', 80)).toEqual(['8.8.8.8']);
  });

  test('what the operator has opened, on the ports that were named', async () => {
    const guard = guardOf({
      allow: ['10.1.0.0/16', '[fd00::/8]:443', '127.0.0.1:3000', 'Search.internal:9200', '::1'],
      resolve: () => Promise.resolve(['192.168.7.7']),
    });
    const passes = async (host: string, port: number): Promise<boolean> =>
      guard.addressesOf(host, port).then(
        () => true,
        () => false,
      );
    expect(await passes('10.1.2.3', 81)).toBe(true);
    expect(await passes('10.2.2.3', 81)).toBe(false);
    expect(await passes('[fd12::1]', 443)).toBe(true);
    expect(await passes('[fd12::1]', 80)).toBe(false);
    expect(await passes('127.0.0.1', 3000)).toBe(true);
    expect(await passes('127.0.0.1', 3001)).toBe(false);
    expect(await passes('[::1]', 1)).toBe(true);
    expect(await passes('search.internal', 9200)).toBe(true);
    expect(await passes('search.internal', 80)).toBe(false);
    expect(await passes('other.internal', 9200)).toBe(false);
    // Allowing an address does not allow its mapped form.
    expect(await passes('[::ffff:a01:203]', 81)).toBe(false);
  });
});

test.each([
  '10.0.0.0/33',
  '10.0.0.0/x',
  'a b',
  'host:0',
  'host:99999',
  '::1/129',
  '[::1',
  'http://x',
])('OW_EGRESS_ALLOW with %j is refused by name', (entry) => {
  expect(() => new EgressAllowance([entry])).toThrow(/^OW_EGRESS_ALLOW: /);
});

describe('the platform itself is out of reach', () => {
  const everything = ['0.0.0.0/0', '::/0', 'db.example', 'localhost'];
  const ownAddress = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  test.each(['127.0.0.1', '127.9.9.9', '0.0.0.0', '[::1]', '[::]', ownAddress ?? '127.0.0.2'])(
    'at %s, whatever is opened',
    async (host) => {
      const guard = guardOf({ allow: everything, ownPorts: [8080, 9090] });
      for (const port of [8080, 9090]) {
        await expect(guard.addressesOf(host, port)).rejects.toThrow();
      }
      expect(await guard.addressesOf(host, 8081)).toHaveLength(1);
    },
  );

  test.each([
    [{ host: '10.9.9.9', port: 5432 }, '10.9.9.9'],
    [{ host: 'db.example', port: 5432 }, '10.9.9.9'],
    [{ host: 'localhost', port: 5432 }, '127.0.0.1'],
    [{ host: '127.0.0.1', port: 5432 }, '[::1]'],
    [{ host: '2a00:0::0:1', port: 5432 }, '[2a00::1]'],
  ])('as is its database at %o', async (database, host) => {
    const guard = guardOf({ allow: everything, database });
    await expect(guard.addressesOf(host, 5432)).rejects.toThrow();
    expect(await guard.addressesOf(host, 5433)).toHaveLength(1);
  });
});

describe('a name server', () => {
  let server: Socket | undefined;
  afterEach(() => server?.close());

  test('is asked once for one connection, and both families count', async () => {
    const asked: string[] = [];
    server = createSocket('udp4');
    const port = await answerDns(server, (name, type) => {
      asked.push(`${name} ${type}`);
      return type === 'A' ? ['8.8.4.4', '10.0.0.1'] : ['2606:4700:4700::1111', '::1'];
    });
    const guard = guardOf({ resolve: createResolver([`127.0.0.1:${port}`]) });
    expect(await guard.addressesOf('two.example', 443)).toEqual([
      '8.8.4.4',
      '2606:4700:4700::1111',
    ]);
    expect(asked.toSorted()).toEqual(['two.example A', 'two.example AAAA']);
  });

  test('is the only one that is asked: /etc/hosts does not count', async () => {
    server = createSocket('udp4');
    const port = await answerDns(server, () => []);
    const guard = guardOf({ resolve: createResolver([`127.0.0.1:${port}`]) });
    await expect(guard.addressesOf('localhost', 80)).rejects.toThrow();
  });
});
