import { createLogger } from '@openworkers/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StackMapper } from './stack-mapper.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { VersionStore } from './version-store.ts';

let workers: TestWorkers;
let mapper: StackMapper;
let workerId: string;

beforeAll(async () => {
  workers = await openTestWorkers();
  workerId = await workers.create('throwing');
  const log = createLogger({ role: 'test', level: 'silent' });
  const versions = new VersionStore({ queries: workers.runner.queries });
  mapper = new StackMapper({ versions, log });
});
afterAll(() => workers.close());

/** Line 1 of the code, from column 0, is line 5, column 2 of the source; its column 8 is line 6. */
const sourceMap = JSON.stringify({
  version: 3,
  sources: ['src/worker.ts'],
  names: [],
  mappings: 'AAIE,QACA',
});

const map = (stack: string, version: number): Promise<string> =>
  new Promise((resolve) => mapper.map(stack, { workerId, version }, resolve));

test('positions in the deployed code become positions in the source', async () => {
  const version = await workers.deploy(workerId, 'throw 1; throw 2;', sourceMap);
  const stack =
    'Error: worker.js:1:1 is in the message too\n    at f (worker.js:1:9)\n    at worker.js:1:1';
  const mapped =
    'Error: src/worker.ts:5:3 is in the message too\n    at f (src/worker.ts:6:3)\n    at src/worker.ts:5:3';
  expect(await map(stack, version)).toBe(mapped);
  // From memory, it is there at once.
  let delivered = '';
  mapper.map(stack, { workerId, version }, (text) => (delivered = text));
  expect(delivered).toBe(mapped);
});

test('a position that the map does not know stays; frames of the platform go', async () => {
  const version = await workers.deploy(workerId, 'x', sourceMap);
  const stack =
    'Error: in openworkers:runtime\n    at f (worker.js:9:1)\n    at g (openworkers:runtime:1:2)\n    at openworkers:runtime:5:259';
  expect(await map(stack, version)).toBe('Error: in openworkers:runtime\n    at f (worker.js:9:1)');
});

test.each([
  ['no map', undefined],
  ['a map that is no JSON', 'x'],
  ['a map of another shape', '{"version":3,"mappings":17}'],
  ['a map of sources it lacks', '{"version":3,"sources":["a"],"names":[],"mappings":"AOAA"}'],
  ['mappings that are no text', '{"version":3,"sources":["a"],"names":[],"mappings":{}}'],
])('with %s the stack stays as it is', async (_name, text) => {
  const version = await workers.deploy(workerId, 'throw 1', text);
  const stack = 'Error\n    at f (worker.js:1:1)';
  expect(await map(stack, version)).toBe(stack);
});

test('an unknown version harms nobody', async () => {
  expect(await map('at worker.js:1:1', 9_999)).toBe('at worker.js:1:1');
});
