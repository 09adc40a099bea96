import { describe, expect, test } from 'vitest';
import {
  clientBehind,
  plainAddress,
  schemeBehind,
  TrustedProxies,
  type ForwardingHeaders,
} from './client-address.ts';

const none: ForwardingHeaders = {
  xForwardedFor: undefined,
  xForwardedProto: undefined,
  xRealIp: undefined,
  forwarded: undefined,
};
const proxies = new TrustedProxies([
  '10.0.0.0/8',
  '192.0.2.1',
  'fd00::/8',
  'nonsense',
  '1.2.3.4/99',
]);

function client(headers: Partial<ForwardingHeaders>): string {
  return clientBehind('10.0.0.1', { headers: { ...none, ...headers }, proxies });
}

test('trusted are the addresses and ranges given, and what is malformed is not', () => {
  const addresses = [
    '10.9.9.9',
    '192.0.2.1',
    '192.0.2.2',
    'fd00::1',
    'fe80::1',
    '1.2.3.4',
    '',
    'x',
  ];
  expect(addresses.filter((address) => proxies.has(address))).toEqual([
    '10.9.9.9',
    '192.0.2.1',
    'fd00::1',
  ]);
  expect(new TrustedProxies([]).has('10.0.0.1')).toBe(false);
});

describe('the client behind a proxy', () => {
  test.each([
    [
      'the last that is no proxy',
      { xForwardedFor: '6.6.6.6, 203.0.113.9, 10.1.1.1' },
      '203.0.113.9',
    ],
    ['the only one', { xForwardedFor: '203.0.113.9' }, '203.0.113.9'],
    ['one with a port', { xForwardedFor: '203.0.113.9:1234' }, '203.0.113.9'],
    ['an IPv6 one', { xForwardedFor: '[2001:db8::1]:443' }, '2001:db8::1'],
    ['a proxy, when all are', { xForwardedFor: '10.2.2.2, 10.1.1.1' }, '10.2.2.2'],
    ['not what stands left of nonsense', { xForwardedFor: '6.6.6.6, unknown' }, '10.0.0.1'],
    [
      'in Forwarded',
      { forwarded: 'for=6.6.6.6, for="[2001:db8::2]:1";proto=https' },
      '2001:db8::2',
    ],
    ['in X-Real-IP', { xRealIp: '203.0.113.7' }, '203.0.113.7'],
    ['the proxy itself, when nothing is said', {}, '10.0.0.1'],
    ['the proxy itself, when nonsense is said', { xRealIp: "'; drop" }, '10.0.0.1'],
  ])('is %s', (_name, headers, expected) => {
    expect(client(headers)).toBe(expected);
  });
});

test('the scheme is what the nearest proxy says, if it is one', () => {
  const scheme = (headers: Partial<ForwardingHeaders>): string | undefined =>
    schemeBehind({ ...none, ...headers });
  expect(scheme({ xForwardedProto: 'https' })).toBe('https');
  expect(scheme({ xForwardedProto: 'http, HTTPS' })).toBe('https');
  expect(scheme({ forwarded: 'for=1.2.3.4;proto=https' })).toBe('https');
  expect(scheme({ xForwardedProto: 'javascript' })).toBeUndefined();
  expect(scheme({})).toBeUndefined();
});

test('an IPv4 address is told without the IPv6 around it', () => {
  expect(plainAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
  expect(plainAddress('::1')).toBe('::1');
});
