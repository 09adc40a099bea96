import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '@openworkers/db';
import { RouteResolver, type RouteResolverOptions } from './route-resolver.ts';
import { DatabaseLink } from './testing/database-link.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

let workers: TestWorkers;
let link: DatabaseLink;
let database: Database;
let helloId: string;
let now: number;
let lateHosts: string[];
let resolver: RouteResolver;

beforeAll(async () => {
  workers = await openTestWorkers();
  link = new DatabaseLink(workers.test.roles.runner);
  await link.mend();
  database = createDatabase({
    connectionString: link.connectionString,
    applicationName: 'test',
    connectTimeoutMs: 1_000,
  });
  helloId = await workers.create('hello');
  await workers.deploy(helloId, 'one');
  await workers.deploy(helloId, 'two');
});

afterAll(async () => {
  await database.close();
  link.cut();
  await workers.close();
});

beforeEach(() => {
  now = 1_000_000;
  lateHosts = [];
  resolver = makeResolver({});
});

function makeResolver(options: Partial<RouteResolverOptions>): RouteResolver {
  return new RouteResolver({
    queries: database.queries,
    clock: { now: () => now },
    hosts: { platformHost: 'localhost', baseDomain: 'localhost' },
    onLateAnswer: (late) => lateHosts.push('host' in late ? late.host : late.worker),
    ...options,
  });
}

/** The serving versions of a host, or why there are none. */
async function servingOf(host: string): Promise<number[] | string> {
  const { answer } = await resolver.resolve(host);
  if (answer.kind === 'worker') return answer.route.serving.map(({ version }) => version);
  return answer.kind === 'none' ? answer.code : answer.kind;
}

describe('the table of hosts', () => {
  test('a worker’s host serves its current version, a preview host the one it names', async () => {
    expect(await servingOf('hello.localhost')).toEqual([2]);
    expect(await servingOf('1--hello.localhost')).toEqual([1]);
    expect(await servingOf('7--hello.localhost')).toBe('host_not_found');
    expect(await servingOf('nobody.localhost')).toBe('host_not_found');
    expect(await servingOf('localhost')).toBe('platform');
  });

  test('a custom domain leads somewhere only once it is verified', async () => {
    await workers.addDomain(helloId, 'shop.example.com', { isVerified: true });
    await workers.addDomain(helloId, 'claimed.example.com', { isVerified: false });
    expect(await servingOf('shop.example.com')).toEqual([2]);
    expect(await servingOf('claimed.example.com')).toBe('host_not_found');
  });

  test('a worker without a version is there, but not deployed', async () => {
    await workers.create('empty');
    expect(await servingOf('empty.localhost')).toBe('worker_not_deployed');
  });
});

describe('the cache', () => {
  test('concurrent questions about one host are one query', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => resolver.resolve('hello.localhost')),
    );
    expect(new Set(answers).size).toBe(1);
  });

  test('a change is seen after its notification, and without one when the answer is old', async () => {
    const id = await workers.create('changing');
    await workers.deploy(id, 'one');
    expect(await servingOf('changing.localhost')).toEqual([1]);
    await workers.deploy(id, 'two');
    expect(await servingOf('changing.localhost')).toEqual([1]);
    resolver.invalidateWorker(id);
    expect(await servingOf('changing.localhost')).toEqual([2]);
    await workers.deploy(id, 'three');
    now += 60_001;
    expect(await servingOf('changing.localhost')).toEqual([3]);
  });

  test('hosts where nothing served, and previews, are read again when their worker changes', async () => {
    const id = await workers.create('later');
    expect(await servingOf('later.localhost')).toBe('worker_not_deployed');
    expect(await servingOf('1--later.localhost')).toBe('host_not_found');
    await workers.deploy(id, 'one');
    resolver.invalidateWorker(id);
    expect(await servingOf('later.localhost')).toEqual([1]);
    expect(await servingOf('1--later.localhost')).toEqual([1]);
  });

  test('a name that is taken concerns its host and its previews, a domain only itself', async () => {
    await servingOf('2--soon.localhost');
    await servingOf('soon.localhost');
    expect(resolver.invalidateHost('soon').sort()).toEqual(['2--soon.localhost', 'soon.localhost']);
    expect(resolver.invalidateHost('new.example.com')).toEqual(['new.example.com']);
    const id = await workers.create('soon');
    await workers.deploy(id, 'one');
    expect(await servingOf('soon.localhost')).toEqual([1]);
  });

  test('a change of an environment is seen in the routes of its workers', async () => {
    const id = await workers.create('configured');
    await workers.deploy(id, 'one');
    const environmentId = await workers.createEnvironment({ A: '1' });
    await workers.link(id, environmentId);
    const revision = async (): Promise<number> => {
      const { answer } = await resolver.resolve('configured.localhost');
      return answer.kind === 'worker' ? answer.route.environmentRevision : -1;
    };
    const before = await revision();
    await workers.setValue(environmentId, 'A', '2');
    expect(await revision()).toBe(before);
    resolver.invalidateEnvironment(environmentId);
    expect(await revision()).toBeGreaterThan(before);
  });

  test('a change during a query makes the answer be read again', async () => {
    const id = await workers.create('racing');
    await workers.deploy(id, 'one');
    const resolving = resolver.resolve('racing.localhost');
    await workers.deploy(id, 'two');
    resolver.invalidateWorker(id);
    const { isUncertain } = await resolving;
    expect(isUncertain).toBe(false);
    expect(await servingOf('racing.localhost')).toEqual([2]);
  });

  test('an answer that changes faster than it can be read is used once and asked again', async () => {
    const resolving = resolver.resolve('hello.localhost');
    const disturb = setInterval(() => resolver.invalidateAll(), 0);
    const busy = setImmediateLoop(() => resolver.invalidateAll());
    const { answer, isUncertain } = await resolving;
    clearInterval(disturb);
    busy.stop();
    expect(isUncertain).toBe(true);
    expect(answer.kind).toBe('worker');
    expect(await resolver.resolve('hello.localhost')).toMatchObject({ isUncertain: false });
  });

  test('a flood of invented hosts pushes no worker out', async () => {
    await resolver.resolve('hello.localhost');
    for (let index = 0; index < 300; index += 1) await resolver.resolve(`x${index}.localhost`);
    await withoutDatabase(async () => {
      expect(await servingOf('hello.localhost')).toEqual([2]);
    });
  });
});

describe('without PostgreSQL', () => {
  test('what is cached serves for an hour, what is not is refused with a time to try again', async () => {
    expect(await servingOf('hello.localhost')).toEqual([2]);
    await withoutDatabase(async () => {
      now += 59 * 60_000;
      resolver.invalidateAll();
      expect(await servingOf('hello.localhost')).toEqual([2]);
      await expect(resolver.resolve('1--hello.localhost')).rejects.toMatchObject({
        code: 'database_unavailable',
        retryAfterSeconds: expect.any(Number),
      });
      now += 2 * 60_000;
      await expect(resolver.resolve('hello.localhost')).rejects.toMatchObject({
        code: 'database_unavailable',
      });
    });
    expect(await servingOf('hello.localhost')).toEqual([2]);
  });

  test('a slow answer is not waited for when there is an old one; sandboxes are told when it comes', async () => {
    resolver = makeResolver({ patienceMs: 50 });
    const id = await workers.create('slow');
    await workers.deploy(id, 'one');
    expect(await servingOf('slow.localhost')).toEqual([1]);
    await workers.deploy(id, 'two');
    resolver.invalidateWorker(id);
    const lock = await holdLock();
    try {
      expect(await servingOf('slow.localhost')).toEqual([1]);
      expect(lateHosts).toEqual([]);
    } finally {
      await lock.release();
    }
    await until(() => lateHosts.length > 0, { timeoutMs: 5_000, what: 'the late answer' });
    expect(lateHosts).toEqual(['slow.localhost']);
    expect(await servingOf('slow.localhost')).toEqual([2]);
  });
});

/** Makes every query on the table of names wait. */
async function holdLock(): Promise<{ release: () => Promise<void> }> {
  const held = Promise.withResolvers<void>();
  const isHeld = Promise.withResolvers<void>();
  const undo = new Error('undone');
  const transaction = workers.owner.queries
    .transaction()
    .execute(async (queries) => {
      // Takes the strongest lock there is.
      await queries.schema.alterTable('names').addColumn('held', 'integer').execute();
      isHeld.resolve();
      await held.promise;
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  await isHeld.promise;
  return {
    release: async () => {
      held.resolve();
      await transaction;
    },
  };
}

async function withoutDatabase(work: () => Promise<void>): Promise<void> {
  link.cut();
  try {
    await work();
  } finally {
    await link.mend();
    const isBack = (): Promise<boolean> =>
      database.ping().then(
        () => true,
        () => false,
      );
    await until(isBack, { timeoutMs: 5_000, what: 'the database is back' });
  }
}

function setImmediateLoop(work: () => void): { stop: () => void } {
  let isStopped = false;
  const turn = (): void => {
    work();
    if (!isStopped) setImmediate(turn);
  };
  turn();
  return { stop: () => (isStopped = true) };
}
