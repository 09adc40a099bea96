/*
 * The asynchronous context: a value of the worker's that follows the code it was set for, over
 * timers, calls of the host and promises. The engine does not do it for us. So whoever runs code
 * later keeps what is current and makes it current again; every entry into the isolate starts
 * without a context. One script runs in an isolate, so this state is one per isolate.
 */

let current: unknown = undefined;

/** Whether the worker uses contexts; those that do not pay for no more than two stores. */
export let isContextFollowed = false;

export function followContext(): void {
  isContextFollowed = true;
}

export function currentContext(): unknown {
  return current;
}

/** Makes the context current and answers with the one that was. */
export function swapContext(context: unknown): unknown {
  const before = current;
  current = context;
  return before;
}

/** The function, as part of the context that is current now. */
export function bindContext<Argument, Result>(
  run: (argument: Argument) => Result,
): (argument: Argument) => Result {
  const context = current;
  return (argument) => {
    const before = swapContext(context);
    try {
      return run(argument);
    } finally {
      current = before;
    }
  };
}
