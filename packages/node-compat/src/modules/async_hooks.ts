import { swapContext } from 'openworkers:async-context';

/** What each storage holds; never changed once it is current. */
type Context = ReadonlyMap<object, unknown> | undefined;
type Callable = (this: unknown, ...args: unknown[]) => unknown;

function currentContext(): Context {
  const context = swapContext(undefined);
  swapContext(context);
  // Only this file makes contexts.
  return context as Context;
}

function callIn(context: Context, run: () => unknown): unknown {
  const before = swapContext(context);
  try {
    return run();
  } finally {
    swapContext(before);
  }
}

function bindTo<Bound extends Callable>(context: Context, callback: Bound): Bound {
  const bound: Callable = function (...args) {
    return callIn(context, () => Reflect.apply(callback, this, args));
  };
  Object.defineProperty(bound, 'length', { value: callback.length, configurable: true });
  // It takes and gives what the callback does.
  return bound as Bound;
}

/** A value that follows the code that it was set for, over its awaits, timers and callbacks. */
export class AsyncLocalStorage<Store> {
  readonly name: string;
  readonly #defaultValue: Store | undefined;
  #isDisabled = false;

  constructor({ name = '', defaultValue }: { name?: string; defaultValue?: Store } = {}) {
    this.name = name;
    this.#defaultValue = defaultValue;
  }

  static bind<Bound extends Callable>(callback: Bound): Bound {
    return bindTo(currentContext(), callback);
  }

  static snapshot(): <Result>(
    callback: (...args: unknown[]) => Result,
    ...args: unknown[]
  ) => Result {
    const context = currentContext();
    // The result is the callback's.
    return (callback, ...args) => callIn(context, () => callback(...args)) as never;
  }

  getStore(): Store | undefined {
    const context = currentContext();
    if (this.#isDisabled || context?.has(this) !== true) return this.#defaultValue;
    // Only this storage sets its value.
    return context.get(this) as Store;
  }

  run<Result>(store: Store, callback: (...args: unknown[]) => Result, ...args: unknown[]): Result {
    this.#isDisabled = false;
    const context = new Map(currentContext()).set(this, store);
    return callIn(context, () => callback(...args)) as Result;
  }

  exit<Result>(callback: (...args: unknown[]) => Result, ...args: unknown[]): Result {
    return callIn(this.#without(), () => callback(...args)) as Result;
  }

  /** Until the callback or the handler that runs now is done, and in all that it starts. */
  enterWith(store: Store): void {
    this.#isDisabled = false;
    swapContext(new Map(currentContext()).set(this, store));
  }

  disable(): void {
    this.#isDisabled = true;
    swapContext(this.#without());
  }

  #without(): Context {
    const context = new Map(currentContext());
    context.delete(this);
    return context;
  }
}

let lastId = 1;

/** What is current when it is made is current in what it runs. */
export class AsyncResource {
  readonly type: string;
  readonly #context = currentContext();
  readonly #id: number;

  constructor(type: string) {
    if (typeof type !== 'string') {
      const error = new TypeError('The "type" argument must be of type string');
      throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
    }
    lastId += 1;
    this.#id = lastId;
    this.type = type;
  }

  static bind<Bound extends Callable>(callback: Bound, type?: string, self?: unknown): Bound {
    return new AsyncResource(type ?? (callback.name || 'bound')).bind(callback, self);
  }

  bind<Bound extends Callable>(callback: Bound, self?: unknown): Bound {
    const bound = self === undefined ? callback : (callback.bind(self) as Bound);
    return bindTo(this.#context, bound);
  }

  runInAsyncScope<Result>(
    callback: (...args: never) => Result,
    self?: unknown,
    ...args: unknown[]
  ): Result {
    return callIn(this.#context, () => Reflect.apply(callback, self, args)) as Result;
  }

  emitDestroy(): this {
    return this;
  }

  asyncId(): number {
    return this.#id;
  }

  triggerAsyncId(): number {
    return 0;
  }
}

export function executionAsyncId(): number {
  return 0;
}

export function triggerAsyncId(): number {
  return 0;
}

export function executionAsyncResource(): object {
  return {};
}
