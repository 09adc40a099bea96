import { describe, expect, test } from 'vitest';
import { ResponseHeaderFilter } from './response-headers.ts';

function filter(baseDomain = 'apps.example.com'): ResponseHeaderFilter {
  return new ResponseHeaderFilter({ baseDomain, maxCount: 5, maxBytes: 500 });
}

function cookie(value: string, baseDomain?: string): string | undefined {
  return filter(baseDomain).prepare(`set-cookie\n${value}`)?.pairs[1];
}

describe('response headers', () => {
  test('keep names, values, order and repetition', () => {
    expect(filter().prepare('X-B\n2\nx-a\n1\nx-a\n')).toEqual({
      pairs: ['X-B', '2', 'x-a', '1', 'x-a', ''],
      contentLength: undefined,
    });
    expect(filter().prepare('')).toEqual({ pairs: [], contentLength: undefined });
  });

  test('lose what belongs to the connection or the platform', () => {
    const flat = 'Connection\nclose\nTransfer-Encoding\nchunked\nX-Request-Id\nx\nx-b\n1';
    expect(filter().prepare(flat)?.pairs).toEqual(['x-b', '1']);
  });

  test('hand the length over, if it is one', () => {
    expect(filter().prepare('Content-Length\n12')).toEqual({ pairs: [], contentLength: 12 });
    for (const bad of ['-1', '1e3', '0x1', '12, 12', ' 12', '9'.repeat(16)]) {
      expect(filter().prepare(`content-length\n${bad}`)?.contentLength).toBeUndefined();
    }
  });

  test.each([
    ['a line break', 'x\na\rb'],
    ['a NUL', 'x\na\0b'],
    ['a name with a space', 'x y\na'],
    ['an empty name', '\na'],
    ['a name without a value', 'x'],
    ['a character over Latin-1', 'x\n\u2028'],
    ['too many', Array.from({ length: 6 }, () => 'x\ny').join('\n')],
    ['too long', `x\n${'y'.repeat(500)}`],
  ])('are refused with %s', (_name, flat) => {
    expect(filter().prepare(flat)).toBeUndefined();
  });

  test('are the same however often they come', () => {
    const kept = filter();
    for (let round = 0; round < 3; round += 1) {
      expect(kept.prepare('a\n1\ncontent-length\n5')).toEqual({
        pairs: ['a', '1'],
        contentLength: 5,
      });
    }
    for (let index = 0; index < 2000; index += 1) {
      expect(kept.prepare(`a\n${index}`)?.pairs).toEqual(['a', String(index)]);
    }
  });
});

describe('a cookie', () => {
  test.each([
    'a=1; Domain=apps.example.com',
    'a=1; domain=.apps.example.com',
    'a=1; DOMAIN=Example.COM',
    'a=1; Domain=com',
    'a=1;Domain = example.com ',
    'a=1; Domain=apps.example.com.',
    'a=1; Domain=apps%2eexample.com',
    'a=1; Domain="apps.example.com"',
  ])('%j loses its domain', (value) => {
    expect(cookie(value)).toBe('a=1');
  });

  test('keeps the rest of its attributes', () => {
    expect(cookie('a=b=c; Path=/; Domain=example.com; Secure; SameSite=Lax')).toBe(
      'a=b=c; Path=/; Secure; SameSite=Lax',
    );
  });

  test.each([
    'a=1; Domain=me.apps.example.com',
    'a=1; Domain=other.org',
    'a=1; Domain=xexample.com',
    'domain=example.com; Path=/',
    'a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
  ])('%j stays as it is', (value) => {
    expect(cookie(value)).toBe(value);
  });

  test('for localhost loses its domain when that is where workers live', () => {
    expect(cookie('a=1; Domain=localhost', 'localhost')).toBe('a=1');
    expect(cookie('a=1; Domain=me.localhost', 'localhost')).toBe('a=1; Domain=me.localhost');
  });
});
