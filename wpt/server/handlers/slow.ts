import { setTimeout as delay } from 'node:timers/promises';
import { posix } from 'node:path';
import type { Exchange, Handlers, Reply } from '../exchange.ts';

/** Take their time. */
export const slowHandlers: Handlers = {
  '/common/slow.py': async ({ query }) => {
    await delay(Number(query.get('delay') ?? 2000));
    return {};
  },
  '/fetch/api/resources/trickle.py': async ({ query, body }) => {
    const delayMs = Number(query.get('ms') ?? 500);
    await body();
    await delay(delayMs);
    return {
      headers: query.has('notype') ? [] : [['Content-type', 'text/plain']],
      body: repeat('TEST_TRICKLE\n', Number(query.get('count') ?? 50), delayMs),
    };
  },
  '/fetch/api/resources/bad-chunk-encoding.py': async ({ query }) => {
    const delayMs = Number(query.get('ms') ?? 1000);
    await delay(delayMs);
    return {
      headers: [['Transfer-Encoding', 'chunked']],
      body: badChunks(Number(query.get('count') ?? 50), delayMs),
    };
  },
  '/fetch/api/resources/infinite-slow-response.py': (exchange): Reply => ({
    headers: [['Content-type', 'text/plain']],
    body: dots(exchange),
  }),
};

async function* repeat(text: string, count: number, delayMs: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i += 1) {
    await delay(delayMs);
    yield text;
  }
  await delay(delayMs);
}

async function* badChunks(count: number, delayMs: number): AsyncGenerator<string> {
  yield* repeat('a\r\nTEST_CHUNK\r\n', count, delayMs);
  yield 'garbage';
}

/** Until the client goes or says so; `stateKey` tells whether it goes on. */
async function* dots({ path, query, stash }: Exchange): AsyncGenerator<string> {
  const folder = posix.dirname(path);
  const stateKey = query.get('stateKey');
  const abortKey = query.get('abortKey');
  const tell = (state: string): void => {
    if (stateKey !== undefined) stash.put(folder, stateKey, state);
  };
  tell('open');
  try {
    yield '.'.repeat(2048);
    while (abortKey === undefined || stash.take(folder, abortKey) === undefined) {
      yield '.';
      await delay(10);
    }
  } finally {
    tell('closed');
  }
}
