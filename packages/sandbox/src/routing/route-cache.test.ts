import { AppError } from '@openworkers/core/app-error';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RouteAnswer } from '../protocol/messages.ts';
import { workerId, workerRoute } from '../testing/in-process-sandbox.ts';
import { RouteCache } from './route-cache.ts';

const second = 1000;
const hour = 3600 * second;

let now: number;
let asked: string[];
let answer: () => Promise<RouteAnswer>;
let cache: RouteCache;

beforeEach(() => {
  now = 1_000_000;
  asked = [];
  answer = () => Promise.resolve(workerRoute(1));
  cache = new RouteCache({
    ask: (host) => {
      asked.push(host);
      return answer();
    },
    now: () => now,
  });
});

const unavailable = (): Promise<RouteAnswer> =>
  Promise.reject(new AppError('database_unavailable'));

describe('an answer', () => {
  test('is kept for a minute', async () => {
    expect(cache.get('a')).toBeUndefined();
    await cache.ask('a');
    now += 59 * second;
    expect(cache.get('a')).toEqual(workerRoute(1));
    now += 2 * second;
    expect(cache.get('a')).toBeUndefined();
  });

  test('that nothing is there is kept for seconds', async () => {
    answer = () => Promise.resolve({ kind: 'none', code: 'host_not_found' });
    await cache.ask('a');
    now += 4 * second;
    expect(cache.get('a')?.kind).toBe('none');
    now += 2 * second;
    expect(cache.get('a')).toBeUndefined();
  });

  test('is asked for once by many', async () => {
    const answers = await Promise.all([cache.ask('a'), cache.ask('a'), cache.ask('b')]);
    expect(answers).toHaveLength(3);
    expect(asked).toEqual(['a', 'b']);
  });

  test('stands for an hour while the database is away, and not longer', async () => {
    await cache.ask('a');
    answer = unavailable;
    now += hour - second;
    expect(await cache.ask('a')).toEqual(workerRoute(1));
    now += 2 * second;
    await expect(cache.ask('a')).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  test('does not stand when the runner refuses for another reason', async () => {
    await cache.ask('a');
    answer = () => Promise.reject(new AppError('overloaded'));
    now += 61 * second;
    await expect(cache.ask('a')).rejects.toMatchObject({ code: 'overloaded' });
  });

  test('does not stay when more hosts are asked for than fit', async () => {
    for (let index = 0; index < 25_000; index += 1) await cache.ask(`host-${index}`);
    expect(cache.get('host-0')).toBeUndefined();
    expect(cache.get('host-24999')).toBeDefined();
  });

  test('stays while it is used, however many others are asked for', async () => {
    await cache.ask('used');
    for (let index = 0; index < 25_000; index += 1) {
      await cache.ask(`host-${index}`);
      expect(cache.get('used')).toBeDefined();
    }
  });
});

describe('an invalidation', () => {
  test.each([
    ['of the host', () => cache.dropHost('a')],
    ['of the worker', () => cache.dropWorker(workerId(1))],
    ['of everything', () => cache.dropAll()],
  ])('%s drops what is known of it', async (_name, drop) => {
    await cache.ask('a');
    drop();
    expect(cache.get('a')).toBeUndefined();
  });

  test('of an environment drops the workers that have it', async () => {
    answer = () => Promise.resolve(workerRoute(1, { environmentId: workerId(7) }));
    await cache.ask('a');
    cache.dropEnvironment(workerId(8));
    expect(cache.get('a')).toBeDefined();
    cache.dropEnvironment(workerId(7));
    expect(cache.get('a')).toBeUndefined();
  });

  test('of a worker leaves others, but nothing that says nobody is there', async () => {
    await cache.ask('other');
    answer = () => Promise.resolve({ kind: 'none', code: 'worker_not_deployed' });
    await cache.ask('new');
    cache.dropWorker(workerId(2));
    expect(cache.get('other')).toBeDefined();
    expect(cache.get('new')).toBeUndefined();
  });

  test('that comes while the runner is asked keeps the old answer from being kept', async () => {
    const old = Promise.withResolvers<RouteAnswer>();
    answer = () => old.promise;
    const first = cache.ask('a');
    cache.dropWorker(workerId(1));
    answer = () => Promise.resolve(workerRoute(2));
    const second_ = cache.ask('a');
    old.resolve(workerRoute(1));
    expect(await first).toEqual(workerRoute(1));
    expect(await second_).toEqual(workerRoute(2));
    expect(cache.get('a')).toEqual(workerRoute(2));
    expect(asked).toEqual(['a', 'a']);
  });
});
