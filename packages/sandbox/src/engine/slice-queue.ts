import type { CpuAccount } from './cpu-account.ts';

const compactAfter = 64;

/** The accounts whose slices an isolate has been given, in the order it runs them. */
export class SliceQueue {
  #accounts: CpuAccount[] = [];
  #head = 0;

  get length(): number {
    return this.#accounts.length - this.#head;
  }

  /** The account that runs now. */
  get head(): CpuAccount | undefined {
    return this.#accounts[this.#head];
  }

  push(account: CpuAccount): void {
    this.#accounts.push(account);
  }

  shift(): CpuAccount | undefined {
    const account = this.#accounts[this.#head];
    this.#head += 1;
    if (this.#head === this.#accounts.length) {
      this.#accounts.length = 0;
      this.#head = 0;
    } else if (this.#head > compactAfter) {
      this.#accounts = this.#accounts.slice(this.#head);
      this.#head = 0;
    }
    return account;
  }
}
