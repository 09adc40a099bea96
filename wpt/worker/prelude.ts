import type { TestContext } from './test-context.ts';

/*
 * Runs in the isolate before testharness.js: what a page or worker of a browser has around a test and
 * a worker of this platform does not (a location, relative URLs, scripts that are loaded).
 */

type AnyConstructor = new (...args: unknown[]) => object;

/** `globalThis` as tests see it: anything may be on it. */
const scope = globalThis as unknown as Record<string, unknown>;

export function prepareScope(context: TestContext): void {
  const base = new URL(context.url);
  const resolve = (input: unknown): unknown =>
    // Some tests take the class for a URL: its text is one.
    typeof input === 'string' ? new URL(input, base).href : input === URL ? base.href : input;
  scope['GLOBAL'] = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
  scope['importScripts'] = () => {};
  scope['fetch'] = createFetch(base);
  resolveFirstArgument('Request', resolve);
  const redirect: (url: string, status?: never) => Response = Response.redirect.bind(Response);
  const redirectFrom = {
    redirect: (url: string | URL, ...rest: [status?: never]): Response =>
      redirect(String(resolve(url)), ...rest),
  };
  Response.redirect = redirectFrom.redirect;
  if ('EventSource' in scope) resolveFirstArgument('EventSource', resolve);
}

/** Makes `eval` know these expressions; others are refused by the platform. */
export function answerEval(known: Readonly<Record<string, () => unknown>>): void {
  const platformEval = scope['eval'] as (code: unknown) => unknown;
  const answer = (code: string): unknown => (known[code] ?? (() => platformEval(code)))();
  Object.defineProperty(scope, 'eval', { value: answer });
}

/** After testharness.js, which in old versions takes a location for a sign of a browser. */
export function defineLocation(context: TestContext): void {
  scope['location'] = locationOf(new URL(context.url));
}

function locationOf(url: URL): object {
  const { href, origin, protocol, host, hostname, port, pathname, search, hash } = url;
  const parts = { href, origin, protocol, host, hostname, port, pathname, search, hash };
  return { ...parts, toString: () => href };
}

/** `fetch` that knows where relative URLs start. */
function createFetch(base: URL): typeof fetch {
  const platformFetch = fetch;
  const fetchRelative = (input: unknown, init?: RequestInit): Promise<Response> => {
    if (input instanceof Request) return platformFetch(input, init);
    // Bad URLs are for the platform to refuse.
    const url = URL.parse(String(input), base);
    return platformFetch(url?.href ?? String(input), init);
  };
  return Object.defineProperty(fetchRelative as typeof fetch, 'name', { value: 'fetch' });
}

/** Makes a constructor take relative URLs and stay itself in every other respect. */
function resolveFirstArgument(name: string, resolve: (input: unknown) => unknown): void {
  const target = scope[name] as AnyConstructor & { prototype: object };
  const proxy: AnyConstructor = new Proxy(target, {
    construct: (_, [input, ...rest]: unknown[], newTarget) =>
      Reflect.construct(
        target,
        input === undefined ? [] : [resolveSafely(resolve, input), ...rest],
        newTarget === proxy ? target : newTarget,
      ) as object,
  });
  Object.defineProperty(target.prototype, 'constructor', { value: proxy });
  Object.defineProperty(scope, name, { value: proxy });
}

function resolveSafely(resolve: (input: unknown) => unknown, input: unknown): unknown {
  try {
    return resolve(input);
  } catch {
    return input;
  }
}
