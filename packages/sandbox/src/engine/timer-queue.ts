import type { CpuAccount } from './cpu-account.ts';

interface Timer {
  readonly id: number;
  readonly account: CpuAccount;
  readonly dueAt: number;
  /** Timers due at the same time fire in the order in which they were set. */
  readonly order: number;
  index: number;
}

const longestDelayMs = 2 ** 31 - 1;

/** The pending timers of one isolate, soonest first (a binary heap). Times in ms of `performance.now()`. */
export class TimerQueue {
  readonly #heap: Timer[] = [];
  readonly #byId = new Map<number, Timer>();
  #lastOrder = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextDueAt(): number | undefined {
    return this.#heap[0]?.dueAt;
  }

  /** Replaces the timer of that id, if there is one. */
  set(options: { id: number; account: CpuAccount; delayMs: number; now: number }): void {
    this.clear(options.id);
    const delayMs = Math.min(Math.max(0, options.delayMs), longestDelayMs);
    this.#lastOrder += 1;
    const timer = {
      id: options.id,
      account: options.account,
      dueAt: options.now + delayMs,
      order: this.#lastOrder,
      index: this.#heap.length,
    };
    this.#byId.set(timer.id, timer);
    this.#heap.push(timer);
    this.#rise(timer);
  }

  clear(id: number): void {
    const timer = this.#byId.get(id);
    if (timer !== undefined) this.#remove(timer);
  }

  /** Takes out the next timer that is due. */
  takeDue(now: number): { id: number; account: CpuAccount } | undefined {
    const [first] = this.#heap;
    if (first === undefined || first.dueAt > now) return undefined;
    this.#remove(first);
    return first;
  }

  clearAccount(account: CpuAccount): void {
    for (const timer of this.#byId.values()) if (timer.account === account) this.#remove(timer);
  }

  #remove(timer: Timer): void {
    this.#byId.delete(timer.id);
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    this.#place(last, timer.index);
    this.#rise(last);
    this.#sink(last);
  }

  #place(timer: Timer, index: number): void {
    this.#heap[index] = timer;
    timer.index = index;
  }

  #rise(timer: Timer): void {
    while (timer.index > 0) {
      const parentIndex = (timer.index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || !isBefore(timer, parent)) return;
      this.#place(parent, timer.index);
      this.#place(timer, parentIndex);
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const left = this.#heap[2 * timer.index + 1];
      const right = this.#heap[2 * timer.index + 2];
      const child =
        right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, timer)) return;
      const { index } = child;
      this.#place(child, timer.index);
      this.#place(timer, index);
    }
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order);
}
