import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@openworkers/core';
import { expect, test } from 'vitest';
import {
  createMasterKey,
  ensureMasterKeys,
  loadMasterKeys,
  writeMasterKeys,
} from './master-keys.ts';
import { sealedFor, Sealer } from './sealer.ts';

const identity = sealedFor('environment_values', '1', 'value');

test('what is sealed opens for its row only, unchanged, and with its key only', async () => {
  const key = createMasterKey();
  const sealer = new Sealer({ load: async () => [key] });
  const sealed = await sealer.seal('a secret é', identity);
  expect(Buffer.from(sealed.ciphertext).includes('secret')).toBe(false);
  expect(await sealer.open(sealed, identity)).toBe('a secret é');

  const unreadable = { code: 'secret_unreadable' };
  const otherRow = sealer.open(sealed, sealedFor('environment_values', '2', 'value'));
  await expect(otherRow).rejects.toMatchObject(unreadable);
  for (let at = 0; at < sealed.ciphertext.length; at += 1) {
    const ciphertext = Buffer.from(sealed.ciphertext);
    ciphertext[at] = (ciphertext[at] ?? 0) ^ 1;
    await expect(sealer.open({ ...sealed, ciphertext }, identity)).rejects.toMatchObject(
      unreadable,
    );
  }
  const cut = { ...sealed, ciphertext: sealed.ciphertext.subarray(0, 20) };
  await expect(sealer.open(cut, identity)).rejects.toMatchObject(unreadable);
  const stranger = new Sealer({ load: async () => [createMasterKey()] });
  await expect(stranger.open(sealed, identity)).rejects.toMatchObject(unreadable);
});

test('the same text is sealed differently each time', async () => {
  const key = createMasterKey();
  const sealer = new Sealer({ load: async () => [key] });
  const [one, two] = [await sealer.seal('text', identity), await sealer.seal('text', identity)];
  expect(Buffer.from(one.ciphertext)).not.toEqual(Buffer.from(two.ciphertext));
});

test('a key that came later is found, and is asked for at most once a second', async () => {
  const [oldKey, newKey] = [createMasterKey(), createMasterKey()];
  let keys = [oldKey];
  let loads = 0;
  let now = 0;
  const load = async (): Promise<Secret[]> => {
    loads += 1;
    return keys;
  };
  const sealer = new Sealer({ load, now: () => now });
  const old = await sealer.seal('old', identity);
  const sealed = await new Sealer({ load: async () => [newKey] }).seal('new', identity);
  keys = [newKey, oldKey];
  await expect(sealer.open(sealed, identity)).rejects.toMatchObject({ code: 'secret_unreadable' });
  expect(loads).toBe(1);
  now = 1_000;
  expect(await sealer.open(sealed, identity)).toBe('new');
  expect(await sealer.open(old, identity)).toBe('old');
  expect(loads).toBe(2);
});

test('the first master key is made once, for its owner only', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ow-keys-'));
  const [made] = await ensureMasterKeys({ dataDir });
  const [found] = await ensureMasterKeys({ dataDir });
  expect(found?.reveal()).toBe(made?.reveal());
  const path = join(dataDir, 'master-keys');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe(`${made?.reveal()}\n`);
  const added = createMasterKey();
  await writeMasterKeys(dataDir, [added, ...(made === undefined ? [] : [made])]);
  const revealed = (await loadMasterKeys({ dataDir })).map((key) => key.reveal());
  expect(revealed).toEqual([added.reveal(), made?.reveal()]);
});

test('keys that are none are refused, and never shown', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ow-keys-'));
  const bad = ['', 'too-short', Buffer.alloc(31, 7).toString('base64'), '!'.repeat(44)];
  for (const text of bad) {
    const given = loadMasterKeys({ dataDir, given: new Secret(text) });
    await expect(given, text).rejects.toThrow(/^OW_MASTER_KEY: not 1 to 16 keys of 32 bytes/);
    if (text !== '') await expect(given).rejects.not.toThrow(text);
  }
  await expect(loadMasterKeys({ dataDir })).rejects.toThrow('OW_MASTER_KEY: not set, and there is');
  writeFileSync(join(dataDir, 'master-keys'), 'nonsense\n');
  await expect(loadMasterKeys({ dataDir })).rejects.toThrow('master-keys: not 1 to 16 keys');
});
