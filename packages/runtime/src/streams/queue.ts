import { MathMax, RangeError } from '../primordials.ts';

class Entry<T> {
  readonly value: T;
  readonly size: number;
  next: Entry<T> | undefined = undefined;

  constructor(value: T, size: number) {
    this.value = value;
    this.size = size;
  }
}

/** First in, first out; a linked list, so that nothing on `Array.prototype` can watch. */
export class Queue<T> {
  length = 0;
  /** Sum of the sizes; https://streams.spec.whatwg.org/#queue-with-sizes */
  totalSize = 0;
  #head: Entry<T> | undefined = undefined;
  #tail: Entry<T> | undefined = undefined;

  push(value: T): void {
    this.#append(new Entry(value, 0));
  }

  /** Throws a RangeError for a size that is not a number from 0 to below infinity. */
  pushSized(value: T, size: number): void {
    if (!(size >= 0 && size < Infinity)) throw new RangeError('Invalid chunk size');
    this.#append(new Entry(value, size));
    this.totalSize += size;
  }

  peek(): T | undefined {
    return this.#head?.value;
  }

  shift(): T | undefined {
    const head = this.#head;
    if (head === undefined) return undefined;
    this.#head = head.next;
    if (head.next === undefined) this.#tail = undefined;
    this.length -= 1;
    // Fractions may not add up exactly.
    this.totalSize = MathMax(0, this.totalSize - head.size);
    return head.value;
  }

  clear(): void {
    this.#head = undefined;
    this.#tail = undefined;
    this.length = 0;
    this.totalSize = 0;
  }

  #append(entry: Entry<T>): void {
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    this.length += 1;
  }
}
