import { newList, WeakRef, WeakRefPrototypeDeref, type List } from '../primordials.ts';
import { SafeSet } from '../safe-collections.ts';

/** How a source knows a dependent signal: weakly while nobody waits for that one. */
interface DependentLink {
  readonly dependent: WeakRef<AbortState>;
  awaited: AbortState | undefined;
}

/** With so many links, a source first looks for those of collected signals. */
const firstSweep = 16;

/**
 * The state of an abort signal. It works without the AbortSignal object that worker code sees,
 * which is made when somebody asks for it.
 */
export class AbortState {
  #isAborted = false;
  #reason: unknown = undefined;
  /** Fires the `abort` event. */
  #fire: (() => void) | undefined = undefined;
  #hasListeners = false;
  #algorithms: SafeSet<() => void> | undefined = undefined;
  /** Only a dependent signal has them; they are not dependent. */
  #sources: List<AbortState> | undefined = undefined;
  #links: List<DependentLink> | undefined = undefined;
  #dependents: List<DependentLink> | undefined = undefined;
  #nextSweep = firstSweep;

  get isAborted(): boolean {
    return this.#isAborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** https://dom.spec.whatwg.org/#abortsignal-signal-abort */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    const dependents = this.#markDependents(reason);
    this.#runAbortSteps();
    each(dependents, (dependent) => dependent.#runAbortSteps());
  }

  /**
   * Runs the function when the signal aborts, before its event; never if it has aborted already.
   * The returned function prevents that.
   */
  addAlgorithm(run: () => void): () => void {
    if (this.#isAborted) return () => {};
    this.#algorithms ??= new SafeSet();
    const algorithms = this.#algorithms;
    algorithms.add(run);
    this.#updateLinks();
    return () => {
      algorithms.delete(run);
      this.#updateLinks();
    };
  }

  setEvent(fire: () => void): void {
    this.#fire = fire;
  }

  setHasListeners(hasListeners: boolean): void {
    this.#hasListeners = hasListeners;
    this.#updateLinks();
  }

  /** Makes this a dependent signal: it aborts when one of the others does. */
  follow(others: List<AbortState>): void {
    this.#sources = newList();
    this.#links = newList();
    each(others, (other) => {
      if (this.#isAborted || !other.#isAborted) return;
      this.#isAborted = true;
      this.#reason = other.#reason;
    });
    if (this.#isAborted) return;
    each(others, (other) => {
      if (other.#sources === undefined) this.#addSource(other);
      else each(other.#sources, (source) => this.#addSource(source));
    });
  }

  #addSource(source: AbortState): void {
    if (this.#sources === undefined || this.#links === undefined) return;
    for (let i = 0; i < this.#sources.length; i += 1) if (this.#sources[i] === source) return;
    const link: DependentLink = { dependent: new WeakRef(this), awaited: undefined };
    this.#sources[this.#sources.length] = source;
    this.#links[this.#links.length] = link;
    source.#sweep();
    source.#dependents ??= newList();
    source.#dependents[source.#dependents.length] = link;
  }

  /** Forgets collected dependents, now and then, so that a long-lived source does not grow. */
  #sweep(): void {
    const dependents = this.#dependents;
    if (dependents === undefined || dependents.length < this.#nextSweep) return;
    const kept = newList<DependentLink>();
    each(dependents, (link) => {
      if (WeakRefPrototypeDeref(link.dependent) !== undefined) kept[kept.length] = link;
    });
    this.#dependents = kept;
    this.#nextSweep = kept.length * 2 + firstSweep;
  }

  /** Something that would happen on abort keeps the signal alive, as the standard asks. */
  #updateLinks(): void {
    const links = this.#links;
    if (links === undefined) return;
    const isAwaited = this.#hasListeners || (this.#algorithms?.size ?? 0) > 0;
    each(links, (link) => {
      link.awaited = isAwaited ? this : undefined;
    });
  }

  #markDependents(reason: unknown): List<AbortState> {
    const marked = newList<AbortState>();
    const links = this.#dependents;
    this.#dependents = undefined;
    each(links, (link) => {
      const dependent = WeakRefPrototypeDeref(link.dependent);
      if (dependent === undefined || dependent.#isAborted) return;
      dependent.#isAborted = true;
      dependent.#reason = reason;
      marked[marked.length] = dependent;
    });
    return marked;
  }

  #runAbortSteps(): void {
    const algorithms = this.#algorithms;
    this.#algorithms = undefined;
    this.#sources &&= newList();
    this.#links &&= newList();
    algorithms?.forEach((run) => run());
    this.#fire?.();
  }
}

function each<Item>(list: List<Item> | undefined, run: (item: Item) => void): void {
  for (let i = 0; list !== undefined && i < list.length; i += 1) {
    const item = list[i];
    if (item !== undefined) run(item);
  }
}

let stateOfSignal: (value: object) => AbortState | undefined = () => undefined;

/** The state of an AbortSignal; undefined for any other object. */
export function abortStateOf(value: object): AbortState | undefined {
  return stateOfSignal(value);
}

/** Called once by the file of the AbortSignal class, which knows its private field. */
export function defineAbortStateOf(find: (value: object) => AbortState | undefined): void {
  stateOfSignal = find;
}
