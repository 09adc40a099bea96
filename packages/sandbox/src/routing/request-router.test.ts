import { AppError } from '@openworkers/core/app-error';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frameTypes } from '../protocol/messages.ts';
import { answering } from '../testing/fixture-engine.ts';
import { InProcessSandbox, workerId, workerRoute } from '../testing/in-process-sandbox.ts';
import { RawClient } from '../testing/raw-client.ts';
import { until } from '../testing/until.ts';

let sandbox: InProcessSandbox;
let port: number;

beforeEach(async () => {
  sandbox = new InProcessSandbox();
  port = await sandbox.listen();
});

afterEach(() => sandbox.stop());

async function get(host: string, path = '/', accept = '*/*'): Promise<string> {
  const client = new RawClient(port);
  client.send(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`,
  );
  const answer = await client.hearsEnd();
  client.close();
  return answer;
}

describe('the platform host', () => {
  test.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'])(
    '%s answers with a page that tells how to deploy',
    async (host) => {
      const answer = await get(host);
      expect(answer).toMatch(/^HTTP\/1.1 200 /);
      expect(answer).toContain('content-type: text/html; charset=utf-8');
      expect(answer).toContain('npx ow workers deploy hello');
      expect(sandbox.asked).toEqual([]);
    },
  );

  test('names the port of the request in its examples', async () => {
    expect(await get('localhost:1234')).toContain('http://hello.localhost:1234/');
  });

  test('has no API yet, and says so as an API would', async () => {
    const answer = await get('localhost', '/api/v1/workers', 'text/html');
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'not_found' });
    expect(await get('localhost', '/elsewhere')).toContain('code: not_found');
    expect(await get('localhost', '/apiary')).toContain('code: not_found');
  });

  test('is not a raw address when the platform has a domain of its own', async () => {
    await sandbox.stop();
    sandbox = new InProcessSandbox({
      boot: { baseDomain: 'apps.example', platformHost: 'ow.example' },
    });
    port = await sandbox.listen();
    expect(await get('ow.example')).toMatch(/^HTTP\/1.1 200 /);
    expect(await get('127.0.0.1')).toContain('code: host_not_found');
    expect(await get('localhost')).toContain('code: host_not_found');
  });
});

describe('a host', () => {
  test('is asked for once, then known', async () => {
    sandbox.addWorker(
      'hello',
      answering(() => ({ body: 'served' })),
    );
    await Promise.all(Array.from({ length: 10 }, () => get('hello.localhost')));
    await get('Hello.localhost:99');
    expect(sandbox.asked).toEqual(['hello.localhost']);
  });

  test('is asked for again after an invalidation, and its isolates retire', async () => {
    sandbox.addWorker(
      'hello',
      answering(() => ({ body: 'served' })),
    );
    await get('hello.localhost');
    sandbox.peer.sendJson(frameTypes.invalidate, 0, { worker: workerId(1) });
    sandbox.peer.sendJson(frameTypes.invalidate, 0, { environment: workerId(5) });
    await until(
      () => sandbox.engine.retired.length === 2,
      () => 'the invalidations',
    );
    await get('hello.localhost');
    expect(sandbox.asked).toEqual(['hello.localhost', 'hello.localhost']);
    expect(sandbox.engine.retired).toEqual([workerId(1), workerId(5)]);
  });

  test('that the runner cannot look up answers 503 and when to come again', async () => {
    sandbox.refusal = new AppError('database_unavailable', 'pg: connection refused to 10.0.0.5');
    const answer = await get('hello.localhost');
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toContain('retry-after: 5');
    expect(answer).toContain('code: database_unavailable');
    expect(answer).not.toContain('10.0.0.5');
  });

  test('of a worker without a version says so', async () => {
    sandbox.routes.set('new.localhost', {
      kind: 'none',
      code: 'worker_not_deployed',
      message: 'The worker "new" has no version.',
    });
    const answer = await get('new.localhost');
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(answer).toContain('The worker "new" has no version.\ncode: worker_not_deployed');
  });

  test('chooses version and environment of what serves', async () => {
    const environmentId = workerId(9);
    sandbox.addWorker(
      'hello',
      answering(() => ({ body: 'served' })),
      {
        serving: [{ version: 12, percent: 100 }],
        environmentId,
        environmentRevision: 4,
      },
    );
    await get('hello.localhost');
    expect(sandbox.engine.dispatched).toEqual([
      { workerId: workerId(1), version: 12, environmentId, environmentRevision: 4 },
    ]);
  });

  test('that nothing serves is like one without a version', async () => {
    sandbox.routes.set('empty.localhost', workerRoute(1, { serving: [] }));
    expect(await get('empty.localhost')).toContain('code: worker_not_deployed');
  });
});
