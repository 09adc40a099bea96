/** An async iterator whose values come from outside; they wait until somebody asks. */
export interface EventIterator<Value> {
  readonly iterator: AsyncIterableIterator<Value>;
  push(value: Value): void;
  fail(error: unknown): void;
  end(): void;
}

interface Waiting<Value> {
  resolve(result: IteratorResult<Value, undefined>): void;
  reject(error: unknown): void;
}

/** @param onDone Called once, when nothing more is wanted. */
export function eventIterator<Value>(onDone: () => void): EventIterator<Value> {
  const values: { readonly of: Value }[] = [];
  const waiting: Waiting<Value>[] = [];
  let failure: { error: unknown } | undefined;
  let isDone = false;
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    onDone();
  };
  const end = (): void => {
    finish();
    for (const first of waiting.splice(0)) first.resolve({ value: undefined, done: true });
  };
  const fail = (error: unknown): void => {
    finish();
    const first = waiting.shift();
    if (first === undefined) failure = { error };
    else first.reject(error);
    end();
  };
  const next = (): Promise<IteratorResult<Value, undefined>> => {
    const [value] = values.splice(0, 1);
    if (value !== undefined) return Promise.resolve({ value: value.of, done: false });
    if (failure !== undefined) {
      const { error } = failure;
      failure = undefined;
      return Promise.reject(error);
    }
    if (isDone) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  const iterator: AsyncIterableIterator<Value> = {
    next,
    return() {
      end();
      values.length = 0;
      return Promise.resolve({ value: undefined, done: true });
    },
    throw(error) {
      fail(error);
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return {
    iterator,
    push(value) {
      const first = waiting.shift();
      if (first === undefined) values.push({ of: value });
      else first.resolve({ value, done: false });
    },
    fail,
    end,
  };
}
