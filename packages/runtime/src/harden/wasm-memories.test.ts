import { expect, test } from 'vitest';
import { readMemories } from './wasm-memories.ts';

const header = [0, 97, 115, 109, 1, 0, 0, 0];

function read(...bytes: number[]): ReturnType<typeof readMemories> {
  return readMemories(new Uint8Array([...header, ...bytes]));
}

test('a module without memory declares none', () => {
  expect(read()).toEqual({ initialPages: 0, hasShared: false });
  expect(read(1, 4, 1, 96, 0, 0)).toEqual({ initialPages: 0, hasShared: false });
});

test('the pages of all memories add up, with and without a maximum', () => {
  expect(read(5, 3, 1, 0, 7)).toEqual({ initialPages: 7, hasShared: false });
  expect(read(5, 7, 2, 0, 1, 1, 0x80, 0x01, 0xff, 0x01)).toEqual({
    initialPages: 129,
    hasShared: false,
  });
});

test('a shared memory is seen behind other sections', () => {
  expect(read(1, 4, 1, 96, 0, 0, 5, 4, 1, 3, 1, 2)).toEqual({ initialPages: 1, hasShared: true });
});

test('reading ends with malformed bytes', () => {
  expect(readMemories(new Uint8Array())).toEqual({ initialPages: 0, hasShared: false });
  expect(read(5)).toEqual({ initialPages: 0, hasShared: false });
  expect(read(5, 255, 255, 255, 255, 255, 255).hasShared).toBe(false);
  expect(read(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 5, 4, 1, 3, 1, 2).initialPages).toBe(0);
});
