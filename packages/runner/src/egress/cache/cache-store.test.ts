import { describe, expect, test } from 'vitest';
import { CacheStore, type CacheKey } from './cache-store.ts';

const KiB = 1024;
const limits = {
  totalBytes: 300 * KiB,
  tenantBytes: 120 * KiB,
  tenantEntries: 20,
  entryBytes: 50 * KiB,
};

function createStore(): { store: CacheStore; pass: (ms: number) => void } {
  let now = 1_000_000;
  const store = new CacheStore(limits, { now: () => now });
  return { store, pass: (ms) => void (now += ms) };
}

const keyOf = (tenantId: string, path: string, headers = ''): CacheKey => ({
  tenantId,
  name: undefined,
  url: `http://a.test/${path}`,
  headers,
});

function put(store: CacheStore, key: CacheKey, bytes: number, headers = ''): boolean {
  const writer = store.write(key, { status: 200, statusText: '', headers });
  if (writer === undefined) return false;
  for (let left = bytes; left > 0; left -= 8 * KiB) {
    if (!writer.write(new Uint8Array(Math.min(left, 8 * KiB)))) return false;
  }
  writer.finish();
  return true;
}

describe('bounds', () => {
  test('a tenant that floods forgets its own oldest, and nobody else’s', () => {
    const { store } = createStore();
    put(store, keyOf('quiet', 'mine'), 40 * KiB);
    for (let i = 0; i < 100; i += 1) {
      expect(put(store, keyOf('loud', `${i}`), 20 * KiB)).toBe(true);
      expect(store.usedBytesOf('loud')).toBeLessThanOrEqual(limits.tenantBytes);
    }
    expect(store.find(keyOf('loud', '0'))).toBeUndefined();
    expect(store.find(keyOf('loud', '99'))).toBeDefined();
    expect(store.find(keyOf('quiet', 'mine'))).toBeDefined();
  });

  test('many tenants together stay within the total; what was used stays longest', () => {
    const { store } = createStore();
    put(store, keyOf('first', 'used'), 40 * KiB);
    put(store, keyOf('first', 'unused'), 40 * KiB);
    for (let i = 0; i < 20; i += 1) {
      expect(store.find(keyOf('first', 'used'))).toBeDefined();
      put(store, keyOf(`tenant${i}`, ''), 40 * KiB);
      expect(store.usedBytes).toBeLessThanOrEqual(limits.totalBytes);
    }
    expect(store.find(keyOf('first', 'unused'))).toBeUndefined();
  });

  test('small entries are counted, and cost more than their bytes', () => {
    const { store } = createStore();
    for (let i = 0; i < 30; i += 1) put(store, keyOf('a', `${i}`), 1);
    const found = Array.from({ length: 30 }, (_, i) => store.find(keyOf('a', `${i}`)));
    expect(found.filter((entry) => entry !== undefined)).toHaveLength(20);
    expect(store.usedBytes).toBeGreaterThan(20 * KiB);
  });

  test('single bytes do not cost a buffer each', () => {
    const { store } = createStore();
    const writer = store.write(keyOf('a', ''), { status: 200, statusText: '', headers: '' });
    for (let i = 0; i < 40_000; i += 1) expect(writer?.write(new Uint8Array([i % 251]))).toBe(true);
    writer?.finish();
    const entry = store.find(keyOf('a', ''));
    expect(entry?.blocks.length).toBeLessThan(10);
    expect(Buffer.concat(entry?.blocks ?? [])[39_999]).toBe(39_999 % 251);
  });

  test('bodies that are never finished count, and are refused beyond the share', () => {
    const { store } = createStore();
    const isWritten = Array.from({ length: 5 }, (_, i) =>
      store
        .write(keyOf('a', `${i}`), { status: 200, statusText: '', headers: '' })
        ?.write(new Uint8Array(40 * KiB)),
    );
    expect(isWritten).toEqual([true, true, false, false, false]);
    expect(store.usedBytesOf('a')).toBeLessThanOrEqual(limits.tenantBytes);
  });

  test('what is forgotten while somebody reads it counts until the reader is done', () => {
    const { store } = createStore();
    const releases: (() => void)[] = [];
    for (let i = 0; i < 4; i += 1) {
      put(store, keyOf('a', `${i}`), 40 * KiB);
      const release = store.find(keyOf('a', `${i}`))?.hold();
      if (release !== undefined) releases.push(release);
    }
    expect(releases).toHaveLength(2);
    expect(put(store, keyOf('a', 'more'), 40 * KiB)).toBe(false);
    for (const release of releases) release();
    expect(put(store, keyOf('a', 'more'), 40 * KiB)).toBe(true);
  });

  test('an entry above its limit leaves nothing behind', () => {
    const { store } = createStore();
    expect(put(store, keyOf('a', ''), 60 * KiB)).toBe(false);
    expect(store.usedBytes).toBe(0);
  });

  test('variants of one URL are few', () => {
    const store = new CacheStore({ ...limits, tenantEntries: 1_000 }, { now: () => 1 });
    for (let i = 0; i < 40; i += 1) {
      put(store, keyOf('a', '', `x\n${i}`), 1, 'vary\nX');
    }
    expect(store.find(keyOf('a', '', 'x\n39'))).toBeDefined();
    expect(store.find(keyOf('a', '', 'x\n0'))).toBeUndefined();
  });
});

describe('tenants', () => {
  test('do not meet, whatever URL and name they choose', () => {
    const { store } = createStore();
    put(store, keyOf('a', 'x'), 1);
    put(store, { ...keyOf('a', 'x'), name: 'n' }, 1);
    expect(store.find(keyOf('b', 'x'))).toBeUndefined();
    expect(store.delete({ ...keyOf('b', 'x'), name: 'n' })).toBe(false);
    expect(store.find({ ...keyOf('a', 'x'), name: '' })).toBeUndefined();
    expect(store.find({ ...keyOf('a', 'x'), name: 'm' })).toBeUndefined();
    expect(store.find(keyOf('a', 'x'))).toBeDefined();
  });
});

describe('time', () => {
  test('an entry is gone when its lifetime is over', () => {
    const { store, pass } = createStore();
    put(store, keyOf('a', ''), 1, 'cache-control\nmax-age=10');
    pass(9_999);
    expect(store.find(keyOf('a', ''))).toBeDefined();
    pass(1);
    expect(store.find(keyOf('a', ''))).toBeUndefined();
    expect(store.usedBytes).toBe(0);
  });

  test('nothing stays of what was deleted or never finished', () => {
    const { store } = createStore();
    put(store, keyOf('a', ''), 5_000);
    const writer = store.write(keyOf('a', '2'), { status: 200, statusText: '', headers: '' });
    writer?.write(new Uint8Array(100));
    writer?.abandon();
    writer?.finish();
    expect(store.find(keyOf('a', '2'))).toBeUndefined();
    expect(store.delete(keyOf('a', ''))).toBe(true);
    expect(store.usedBytes).toBe(0);
  });
});
