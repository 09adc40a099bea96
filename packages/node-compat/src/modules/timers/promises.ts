import { eventIterator } from '../../event-iterator.ts';

interface Options {
  readonly signal?: AbortSignal;
}

// The global ones may be those of `node:timers` by now; these answer with numbers.
const web = { ...pick(globalThis) };

function pick({ setTimeout, setInterval, clearTimeout }: typeof globalThis) {
  return { setTimeout, setInterval, clearTimeout };
}

function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

export function setTimeout<T>(delay?: number, value?: T, { signal }: Options = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortError(signal));
      return;
    }
    const onAbort = (): void => {
      web.clearTimeout(timer);
      reject(abortError(signal));
    };
    const timer = web.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      // Without a value T is undefined.
      resolve(value as T);
    }, delay);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export function setImmediate<T>(value?: T, options?: Options): Promise<T> {
  return setTimeout(0, value, options);
}

export function setInterval<T>(
  delay?: number,
  value?: T,
  { signal }: Options = {},
): AsyncIterableIterator<T> {
  if (signal?.aborted === true) throw abortError(signal);
  const onAbort = (): void => iterator.fail(abortError(signal));
  const iterator = eventIterator<T>(() => {
    web.clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
  // Without a value T is undefined.
  const timer = web.setInterval(() => iterator.push(value as T), delay);
  signal?.addEventListener('abort', onAbort, { once: true });
  return iterator.iterator;
}

export const scheduler = {
  wait: (delay: number, options?: Options): Promise<undefined> =>
    setTimeout(delay, undefined, options),
  yield: (): Promise<undefined> => setTimeout(0, undefined),
};
