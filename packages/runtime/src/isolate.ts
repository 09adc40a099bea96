import { bodyKinds, enterOps, flattenHeaders, hostOps } from './boundary.ts';
import type { BootIsolate, EnvDescriptor } from './boundary.ts';

/*
 * The entry of the script that runs in every isolate. Bundle it with `runtimeBundleFormat` (see
 * `bundle-format.ts`): the script then evaluates to `boot`.
 */

// First working version; being replaced folder by folder.
/* eslint-disable */
export const boot: BootIsolate = (host) => {
  const state: {
    env: Record<string, unknown>;
    target: object | undefined;
    exposed: string;
    listeners: Map<string, (event: object) => unknown>;
    bodies: Map<number, { chunks: string; done: (text: string) => void }>;
  } = {
    env: {},
    target: undefined,
    exposed: '',
    listeners: new Map(),
    bodies: new Map(),
  };
  const timers = new Map<number, { callback: () => void; interval: number | undefined }>();
  let lastTimer = 0;
  let current = 0;

  class Headers {
    #map = new Map<string, string>();
    constructor(init?: Record<string, string>) {
      for (const [name, value] of Object.entries(init ?? {})) this.set(name, value);
    }
    set(name: string, value: string): void {
      this.#map.set(name.toLowerCase(), `${value}`);
    }
    get(name: string): string | null {
      return this.#map.get(name.toLowerCase()) ?? null;
    }
    [Symbol.iterator](): Iterator<[string, string]> {
      return this.#map[Symbol.iterator]();
    }
  }
  class Request {
    readonly method: string;
    readonly url: string;
    readonly headers: Headers;
    readonly cf: unknown;
    #body: Promise<string>;
    constructor(method: string, url: string, headers: Headers, body: Promise<string>, cf: unknown) {
      this.method = method;
      this.url = url;
      this.headers = headers;
      this.#body = body;
      this.cf = cf;
    }
    text(): Promise<string> {
      return this.#body;
    }
  }
  class Response {
    readonly status: number;
    readonly headers: Headers;
    readonly text: string | null;
    constructor(
      body: string | null = null,
      init: { status?: number; headers?: Record<string, string> } = {},
    ) {
      this.status = init.status ?? 200;
      this.headers = new Headers(init.headers);
      this.text = body;
      if (typeof body === 'string' && this.headers.get('content-type') === null) {
        this.headers.set('content-type', 'text/plain;charset=UTF-8');
      }
    }
  }

  const oneLine = (error: unknown): string =>
    error instanceof Error ? `${error.name}: ${error.message}` : `Uncaught ${String(error)}`;
  const stackOf = (error: unknown): string => (error instanceof Error ? `${error.stack}` : '');
  const log = (level: string, args: unknown[]): void =>
    host(hostOps.log, current, level, args.map((arg) => String(arg)).join(' '));
  const setTimer = (callback: () => void, delay = 0, interval?: number): number => {
    lastTimer += 1;
    timers.set(lastTimer, { callback, interval });
    host(hostOps.setTimer, current, lastTimer, delay);
    return lastTimer;
  };
  const clearTimer = (id: number): void => {
    if (timers.delete(id)) host(hostOps.clearTimer, current, id);
  };
  const levels = ['error', 'warn', 'info', 'log', 'debug', 'trace'];
  Object.assign(globalThis, {
    Headers,
    Request,
    Response,
    console: Object.fromEntries(
      levels.map((level) => [level, (...args: unknown[]) => log(level, args)]),
    ),
    setTimeout: (callback: () => void, delay?: number) => setTimer(callback, delay),
    setInterval: (callback: () => void, delay?: number) => setTimer(callback, delay, delay ?? 0),
    clearTimeout: clearTimer,
    clearInterval: clearTimer,
    queueMicrotask: (callback: () => void) => void Promise.resolve().then(callback),
    addEventListener: (type: string, listener: (event: object) => unknown) =>
      state.listeners.set(type, listener),
  });

  const runEvent = (
    eventId: number,
    run: (ctx: { waitUntil(work: unknown): void }) => unknown,
    finish: (value: unknown) => void,
  ): void => {
    let pending = 1;
    const settle = (): void => {
      pending -= 1;
      if (pending === 0) host(hostOps.eventDone, eventId);
    };
    const waitUntil = (work: unknown): void => {
      pending += 1;
      Promise.resolve(work).then(settle, (error: unknown) => {
        host(hostOps.exception, eventId, oneLine(error), stackOf(error), 1);
        settle();
      });
    };
    new Promise((resolve) => {
      resolve(run({ waitUntil }));
    })
      .then(finish)
      .catch((error: unknown) => {
        host(hostOps.exception, eventId, oneLine(error), stackOf(error), 0);
      })
      .then(settle);
  };

  const handlerOf = (name: string): ((...args: unknown[]) => unknown) | undefined => {
    const handler: unknown =
      state.target === undefined ? undefined : Reflect.get(state.target, name);
    return typeof handler === 'function'
      ? (...args): unknown => Reflect.apply(handler, state.target, args)
      : undefined;
  };

  const respond = (eventId: number, value: unknown): void => {
    if (!(value instanceof Response)) throw new TypeError('The handler did not return a Response');
    host(
      hostOps.respond,
      eventId,
      value.status,
      flattenHeaders(value.headers as never),
      value.text === null ? bodyKinds.none : bodyKinds.text,
      value.text,
    );
  };

  return (op, eventId, a, b, c, d, e) => {
    current = eventId;
    switch (op) {
      case enterOps.install:
        for (const entry of JSON.parse(`${a}`) as EnvDescriptor[])
          state.env[entry.key] = entry.value;
        Object.freeze(state.env);
        break;
      case enterOps.exposeModules:
        state.exposed = `${a}`;
        Object.defineProperty(globalThis, state.exposed, {
          value: { env: state.env, WorkerEntrypoint: class {} },
          configurable: true,
        });
        break;
      case enterOps.hideModules:
        Reflect.deleteProperty(globalThis, state.exposed);
        break;
      case enterOps.register: {
        const exported: unknown = (a as { default?: unknown }).default;
        if (typeof exported === 'object' && exported !== null) state.target = exported;
        const handlers = ['fetch', 'scheduled'].filter(
          (name) => handlerOf(name) !== undefined || state.listeners.has(name),
        );
        host(hostOps.registered, 0, JSON.stringify({ handlers }));
        break;
      }
      case enterOps.fetch: {
        let body = Promise.resolve('');
        if (d === 1) {
          body = new Promise((resolve) => {
            state.bodies.set(eventId, { chunks: '', done: resolve });
          });
          host(hostOps.pullRequestBody, eventId, 1_048_576);
        }
        const headers = new Headers();
        const flat = c === '' ? [] : `${c}`.split('\n');
        for (let i = 0; i < flat.length; i += 2) headers.set(flat[i] ?? '', flat[i + 1] ?? '');
        const { cf } = JSON.parse(`${e}`) as { cf: unknown };
        const request = new Request(`${a}`, `${b}`, headers, body, cf);
        const handler = handlerOf('fetch');
        const listener = state.listeners.get('fetch');
        if (handler !== undefined) {
          runEvent(
            eventId,
            (ctx) => handler(request, state.env, ctx),
            (value) => respond(eventId, value),
          );
        } else if (listener !== undefined) {
          let answer: unknown;
          runEvent(
            eventId,
            (ctx) => {
              listener({ request, respondWith: (value: unknown) => (answer = value), ...ctx });
              return answer;
            },
            (value) => respond(eventId, value),
          );
        } else host(hostOps.noHandler, eventId);
        break;
      }
      case enterOps.requestChunk: {
        const entry = state.bodies.get(eventId);
        if (entry !== undefined) {
          for (const byte of new Uint8Array(a as ArrayBuffer)) {
            entry.chunks += String.fromCharCode(byte);
          }
          host(hostOps.pullRequestBody, eventId, 1_048_576);
        }
        break;
      }
      case enterOps.requestEnd:
        state.bodies.get(eventId)?.done(state.bodies.get(eventId)?.chunks ?? '');
        break;
      case enterOps.timer: {
        const timer = timers.get(Number(a));
        if (timer === undefined) break;
        if (timer.interval === undefined) timers.delete(Number(a));
        else host(hostOps.setTimer, eventId, Number(a), timer.interval);
        timer.callback();
        break;
      }
      case enterOps.scheduled: {
        const handler = handlerOf('scheduled');
        const event = { scheduledTime: a, cron: b };
        if (handler === undefined) host(hostOps.noHandler, eventId);
        else
          runEvent(
            eventId,
            (ctx) => handler(event, state.env, ctx),
            () => {},
          );
        break;
      }
      default:
    }
  };
};
