import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLoopbackHost, parseHost } from './host-name.ts';

test.each([
  ['hello.localhost', 'hello.localhost'],
  ['HELLO.LocalHost:8080', 'hello.localhost'],
  ['hello.localhost.', 'hello.localhost'],
  ['hello.localhost.:80', 'hello.localhost'],
  ['127.0.0.1:3000', '127.0.0.1'],
  ['[::1]', '[::1]'],
  ['[2001:DB8::1]:8080', '[2001:db8::1]'],
  ['3--hello.localhost', '3--hello.localhost'],
  ['under_score.example', 'under_score.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
])('%s is the host %s', (header, host) => {
  expect(parseHost(header)).toBe(host);
});

test.each([
  '',
  '.',
  ':80',
  'a..b',
  '.a',
  'a b',
  'a/b',
  'a?b',
  'a@b',
  'a:b',
  'a:80:80',
  'a:123456',
  '[::1',
  '::1',
  '[zz]',
  'bücher.example',
  'a\u0000b',
  `${'a'.repeat(254)}`,
])('%j is not a host', (header) => {
  expect(parseHost(header)).toBeUndefined();
});

test('whatever is a host is its own host, in lower case and without a port', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const host = parseHost(text);
      if (host === undefined) return;
      expect(parseHost(host)).toBe(host);
      expect(host).toBe(host.toLowerCase());
    }),
  );
});

test('loopback hosts are the usual name and the addresses', () => {
  const hosts = ['localhost', '127.0.0.1', '127.8.9.10', '[::1]', 'a.localhost', '128.0.0.1'];
  expect(hosts.filter(isLoopbackHost)).toEqual(['localhost', '127.0.0.1', '127.8.9.10', '[::1]']);
});
