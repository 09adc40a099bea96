import { expect, test } from 'vitest';
import { SliceGrowth } from './slice-growth.ts';

const MiB = 1024 * 1024;

test('a slice is blamed for no more than it can have allocated in its CPU time', () => {
  const growth = new SliceGrowth();
  growth.addCpu(10, 5);
  growth.addBytes(500 * MiB);
  expect(growth.bytes).toBe(20 * MiB);
  growth.addCpu(10, 5);
  expect(growth.bytes).toBe(20 * MiB);
});

test('the next slice starts from nothing', () => {
  const growth = new SliceGrowth();
  growth.addCpu(10, 100);
  growth.addBytes(100 * MiB);
  expect(growth.bytes).toBe(100 * MiB);
  growth.addCpu(200, 1);
  expect(growth).toMatchObject({ bytes: 0, cpuMs: 1, newCpuMs: 1 });
});

test('memory that was given back is not held against a slice', () => {
  const growth = new SliceGrowth();
  growth.addCpu(10, 100);
  growth.addBytes(100 * MiB);
  growth.addBytes(-80 * MiB);
  expect(growth.bytes).toBe(20 * MiB);
  growth.addBytes(-80 * MiB);
  expect(growth.bytes).toBe(0);
});
