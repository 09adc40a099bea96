import { describe, expect, test } from 'vitest';
import { parseHost } from './host-name.ts';

const local = { platformHost: 'localhost', baseDomain: 'localhost' };
const hosted = { platformHost: 'workers.example.com', baseDomain: 'example.dev' };
const uuid = '0d5a3c1e-8a8f-4a53-9d0f-a9f8b0f3a111';

describe('on a machine of one’s own', () => {
  test.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('%s is the platform', (host) => {
    expect(parseHost(host, local)).toEqual({ kind: 'platform' });
  });

  test.each([
    ['hello.localhost', { kind: 'worker', name: 'hello' }],
    ['12--hello.localhost', { kind: 'preview', name: 'hello', version: 12 }],
    ['12--3.localhost', { kind: 'preview', name: '3', version: 12 }],
    ['shop.example.com', { kind: 'domain', host: 'shop.example.com' }],
  ])('%s', (host, target) => expect(parseHost(host, local)).toEqual(target));
});

describe('on a domain', () => {
  test.each([
    ['workers.example.com', { kind: 'platform' }],
    ['hello.example.dev', { kind: 'worker', name: 'hello' }],
    ['example.dev', { kind: 'domain', host: 'example.dev' }],
    [`${uuid}.example.dev`, { kind: 'worker', name: uuid }],
  ])('%s', (host, target) => expect(parseHost(host, hosted)).toEqual(target));

  test.each([
    'localhost',
    '127.0.0.1',
    '[::1]',
    'a.b.example.dev',
    '.example.dev',
    'a--b.example.dev',
    '0--hello.example.dev',
    '01--hello.example.dev',
    '1234567890--hello.example.dev',
    '--hello.example.dev',
    '3--.example.dev',
    '-x.example.dev',
    'under_score.com',
    'nodots',
    '10.0.0.1',
    '',
    `${'a'.repeat(250)}.com`,
  ])('%j leads nowhere without asking the database', (host) => {
    expect(parseHost(host, hosted)).toEqual({ kind: 'nothing' });
  });
});
