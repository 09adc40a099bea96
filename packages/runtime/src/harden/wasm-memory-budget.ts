/** WebAssembly memory of one isolate, beside its heap: 128 MiB. */
const mostPages = 2048;
/** Memories and instances of one isolate; each reserves some GiB of address space. */
const mostOwners = 64;

interface Owner {
  readonly ref: WeakRef<object>;
  /** Pages it takes now; memories also grow from inside. */
  readonly pages: (owner: object) => number;
  readonly next: Owner | undefined;
}

/** Captured at boot, before the worker could replace it. */
const OriginalWeakRef = WeakRef;
// oxlint-disable-next-line typescript/unbound-method -- called with `apply`
const { deref } = WeakRef.prototype;
const { apply } = Reflect;

/**
 * How much WebAssembly memory the isolate has. Counted anew each time more is asked for: memories grow
 * from inside, and go away with the garbage.
 */
export class WasmMemoryBudget {
  /** A chain and not an array, which setters on `Array.prototype` could look into. */
  #first: Owner | undefined;

  /** Throws a RangeError when so many pages more are too many. */
  require(pages: number): void {
    let used = pages;
    let owners = 1;
    let alive: Owner | undefined;
    for (let owner = this.#first; owner !== undefined; owner = owner.next) {
      const target = apply(deref, owner.ref, []) as object | undefined;
      if (target === undefined) continue;
      alive = { ref: owner.ref, pages: owner.pages, next: alive };
      used += owner.pages(target);
      owners += 1;
    }
    this.#first = alive;
    if (!(used <= mostPages) || owners > mostOwners) {
      throw new RangeError('WebAssembly memory: could not allocate memory');
    }
  }

  /** Counts an owner of memory until it is garbage. */
  add(owner: object, pages: (owner: object) => number): void {
    this.#first = { ref: new OriginalWeakRef(owner), pages, next: this.#first };
  }
}
