import { posix } from 'node:path';
import type { Handler, Handlers } from './exchange.ts';
import { cacheHandlers } from './handlers/cache.ts';
import { connectionHandlers } from './handlers/connections.ts';
import { echoHandlers } from './handlers/echo.ts';
import { eventSourceHandlers } from './handlers/event-source.ts';
import { redirectHandlers } from './handlers/redirect.ts';
import { slowHandlers } from './handlers/slow.ts';
import { stashHandlers } from './handlers/stash.ts';
import { statusHandlers } from './handlers/status.ts';

/** What wptserve runs Python for, by path. Everything else is a file of the checkout. */
const handlers: Handlers = {
  ...cacheHandlers,
  ...connectionHandlers,
  ...echoHandlers,
  ...eventSourceHandlers,
  ...redirectHandlers,
  ...slowHandlers,
  ...stashHandlers,
  ...statusHandlers,
};

export function findHandler(path: string): Handler | undefined {
  return handlers[posix.normalize(path)];
}
