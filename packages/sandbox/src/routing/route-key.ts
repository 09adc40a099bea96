import type { RouteQuestion } from '../protocol/messages.ts';

/*
 * The route cache keeps what hosts and bindings lead to under texts. No host has a line feed.
 */

/** Stands for the worker behind a key of an isolate's `env`. */
export function bindingRouteKey(handle: string, binding: string): string {
  return `${handle}\n${binding}`;
}

/** What is asked of the runner about a key of the cache. */
export function toRouteQuestion(key: string): RouteQuestion {
  const at = key.indexOf('\n');
  return at < 0 ? { host: key } : { handle: key.slice(0, at), binding: key.slice(at + 1) };
}
