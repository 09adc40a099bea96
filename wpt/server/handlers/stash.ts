import { posix } from 'node:path';
import type { Handlers } from '../exchange.ts';

/** Keep a value for the next who asks. */
export const stashHandlers: Handlers = {
  '/fetch/api/resources/stash-put.py': ({ path, query, stash }) => {
    stash.put(posix.dirname(path), query.get('key') ?? '', query.get('value'));
    return { body: 'done' };
  },
  '/fetch/api/resources/stash-take.py': ({ path, query, stash }) => ({
    headers: [['Content-Type', 'application/json']],
    body: JSON.stringify(stash.take(posix.dirname(path), query.get('key') ?? '') ?? null),
  }),
  '/fetch/api/resources/clean-stash.py': ({ path, query, stash }) => {
    const redirects = posix.join(posix.dirname(path), 'redirect.py');
    return { body: stash.take(redirects, query.get('token') ?? '') === undefined ? '0' : '1' };
  },
};
