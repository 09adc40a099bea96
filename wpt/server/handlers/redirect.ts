import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange, Handlers, Reply } from '../exchange.ts';

/** Lead elsewhere. */
export const redirectHandlers: Handlers = {
  '/common/redirect.py': ({ query }) => ({
    status: Number(query.get('status') ?? 302),
    statusText: 'Redirect',
    headers: [['Location', query.get('location') ?? '']],
  }),
  '/fetch/api/resources/redirect-empty-location.py': () => ({
    status: 302,
    statusText: 'Redirect',
    headers: [['Location', '']],
  }),
  '/fetch/api/resources/redirect.py': redirect,
  // Written for HTTP/2, whose uploads browsers stream; ours are streamed over any.
  '/fetch/api/resources/redirect.h2.py': ({ query }) => ({
    status: Number(query.get('redirect_status') ?? 302),
    statusText: 'Redirect',
    headers: locationHeader(query.get('location')),
  }),
};

async function redirect(exchange: Exchange): Promise<Reply> {
  const { query, stash, path } = exchange;
  const token = query.get('token');
  const seen = token === undefined ? undefined : stash.take(path, token);
  const count = (typeof seen === 'number' ? seen : 0) + 1;
  const delayMs = Number(query.get('delay') ?? 0);
  if (delayMs > 0) await delay(delayMs);
  if (token !== undefined) {
    stash.put(path, token, count);
    if (count > Number(query.get('max_count') ?? Infinity)) return { body: String(count - 1) };
  }
  return {
    status: Number(query.get('redirect_status') ?? 302),
    statusText: 'Redirect',
    headers: [
      ['Content-Type', 'text/plain'],
      ['Cache-Control', 'no-cache'],
      ['Pragma', 'no-cache'],
      ...locationHeader(nextLocation(exchange, count)),
    ],
  };
}

/** Parameters go on with the location, unless it asks for something simple. */
function nextLocation({ query }: Exchange, count: number): string | undefined {
  const location = query.get('location');
  if (location === undefined || query.has('simple')) return location;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return location;
  const parameters = new URLSearchParams([...query]);
  return `${location}${location.includes('?') ? '&' : '?'}${parameters.toString()}&count=${count}`;
}

function locationHeader(location: string | undefined): (readonly [string, string])[] {
  return location === undefined ? [] : [['Location', location]];
}
