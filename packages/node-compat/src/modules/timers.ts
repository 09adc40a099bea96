import * as promises from './timers/promises.ts';

type Callback = (...args: unknown[]) => void;

const web = { ...pick(globalThis) };

function pick({ setTimeout, setInterval, setImmediate, clearTimeout }: typeof globalThis) {
  return { setTimeout, setInterval, setImmediate, clearTimeout };
}

/** What Node.js calls a timer; it is the number of the Web's timer where a number is needed. */
class Timeout {
  #id = 0;
  readonly #start: () => number;

  constructor(start: () => number) {
    this.#start = start;
    this.#id = start();
  }

  /** Timers never keep anything alive here: the event does. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    web.clearTimeout(this.#id);
    this.#id = this.#start();
    return this;
  }

  close(): this {
    web.clearTimeout(this.#id);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

// The Web's functions answer with numbers.
export function setTimeout(callback: Callback, delay?: number, ...args: unknown[]): Timeout {
  return new Timeout(() => Number(web.setTimeout(callback, delay, ...args)));
}

export function setInterval(callback: Callback, delay?: number, ...args: unknown[]): Timeout {
  return new Timeout(() => Number(web.setInterval(callback, delay, ...args)));
}

export function setImmediate(callback: Callback, ...args: unknown[]): Timeout {
  return new Timeout(() => Number(web.setImmediate(callback, ...args)));
}

export function clearTimeout(timer?: unknown): void {
  if (timer !== undefined && timer !== null) web.clearTimeout(Number(timer));
}

export { clearTimeout as clearImmediate, clearTimeout as clearInterval };
const custom = Symbol.for('nodejs.util.promisify.custom');
Object.defineProperty(setTimeout, custom, { value: promises.setTimeout });
Object.defineProperty(setImmediate, custom, { value: promises.setImmediate });

export const globalTimers = {
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval: clearTimeout,
  clearImmediate: clearTimeout,
};
export { promises };
