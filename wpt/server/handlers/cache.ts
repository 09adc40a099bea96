import type { Exchange, Handlers, Reply } from '../exchange.ts';

const tellingHeaders = ['If-None-Match', 'If-Modified-Since', 'Pragma', 'Cache-Control'];

/** Answer as caches want it. */
export const cacheHandlers: Handlers = {
  '/fetch/api/resources/cache.py': ({ header }) => {
    const etag = '"123abc"';
    if (header('If-None-Match') === etag) {
      return { status: 304, statusText: 'Not Modified', headers: [['X-HTTP-STATUS', '304']] };
    }
    return {
      headers: [
        ['ETag', etag],
        ['Content-Type', 'text/plain'],
      ],
      body: 'lorem ipsum dolor sit amet',
    };
  },
  '/fetch/api/request/resources/cache.py': answer,
};

/** Remembers what each request said of caches, and tells it. */
function answer(exchange: Exchange): Reply {
  const { query, path, stash, header } = exchange;
  const token = query.get('token') ?? '';
  const taken = stash.take(path, token);
  const seen: unknown[] = Array.isArray(taken) ? taken : [];
  if (query.has('querystate')) {
    return { headers: [['Content-Type', 'text/plain']], body: JSON.stringify(seen) };
  }
  const state = tellingHeaders.flatMap((name) => {
    const value = header(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  stash.put(path, token, [...seen, query.has('ignore') ? {} : Object.fromEntries(state)]);
  const tag = query.has('tag') ? `"${query.get('tag')}"` : undefined;
  const date = query.get('date');
  const headers = [
    ['ETag', tag],
    ['Last-Modified', tag === undefined ? date : undefined],
    ['Expires', query.get('expires')],
    ['Vary', query.get('vary')],
    ['Cache-Control', query.get('cache_control')],
    ['Location', query.get('redirect')],
  ].flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value] as const]));
  if (query.has('redirect')) return { status: 302, statusText: 'Redirect', headers };
  const isFresh =
    (tag !== undefined && header('If-None-Match') === tag) ||
    (date !== undefined && header('If-Modified-Since') === date);
  if (isFresh) return { status: 304, statusText: 'Not Modified', headers };
  return {
    headers: [...headers, ['Content-Type', 'text/plain']],
    body: query.get('content') ?? '',
  };
}
