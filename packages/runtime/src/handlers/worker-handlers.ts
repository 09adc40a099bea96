import type { EventState } from '../dispatch/event-state.ts';
import type { Request } from '../fetch/request.ts';
import {
  JSONStringify,
  ReflectApply,
  ReflectConstruct,
  ReflectGet,
  TypeError,
} from '../primordials.ts';
import { isObject } from '../webidl/convert.ts';
import { ExecutionContext } from './execution-context.ts';
import type { Listeners } from './listeners.ts';
import { ScheduledController } from './scheduled-controller.ts';
import type { ScheduledRun } from './scheduled-controller.ts';

type HandlerName = 'fetch' | 'scheduled';

/**
 * What the worker does with events. The default export of the module wins; without one, or when
 * it is an object without handlers, the listeners do it.
 */
export class WorkerHandlers {
  readonly #listeners: Listeners;
  readonly #env: object;
  #exported: object | undefined = undefined;
  #isClass = false;
  #problem: string | undefined = undefined;

  constructor(listeners: Listeners, env: object) {
    this.#listeners = listeners;
    this.#env = env;
  }

  /** Takes the default export of the worker's module; answers with JSON `RegisteredHandlers`. */
  register(exported: unknown): string {
    if (isObject(exported)) this.#takeExport(exported);
    else if (exported !== undefined) {
      this.#problem = `The default export is ${exported === null ? 'null' : `a ${typeof exported}`}`;
    }
    // Written by hand: JSON.stringify would look for a `toJSON` on the prototypes of objects.
    const fetch = this.hasFetch ? '"fetch"' : '';
    const scheduled = this.hasScheduled ? '"scheduled"' : '';
    const separator = fetch !== '' && scheduled !== '' ? ',' : '';
    const problem = this.#problem === undefined ? '' : `,"problem":${JSONStringify(this.#problem)}`;
    return `{"handlers":[${fetch}${separator}${scheduled}]${problem}}`;
  }

  get hasFetch(): boolean {
    if (this.#problem !== undefined) return false;
    return this.#exported === undefined ? this.#listeners.hasFetch : this.#has('fetch');
  }

  get hasScheduled(): boolean {
    if (this.#problem !== undefined) return false;
    return this.#exported === undefined ? this.#listeners.hasScheduled : this.#has('scheduled');
  }

  /** Calls the handler; the result is a Response, a promise of one, or a mistake. */
  fetch(event: EventState, request: Request): unknown {
    if (this.#exported === undefined) return this.#listeners.dispatchFetch(event, request);
    return this.#call('fetch', event, request);
  }

  scheduled(run: ScheduledRun): unknown {
    if (this.#exported === undefined) return this.#listeners.dispatchScheduled(run);
    return this.#call('scheduled', run.event, new ScheduledController(run));
  }

  #takeExport(exported: object): void {
    this.#isClass = typeof exported === 'function';
    this.#exported = exported;
    if (this.#has('fetch') || this.#has('scheduled')) return;
    if (this.#isClass) this.#problem = 'The default export is a function without handlers';
    else this.#exported = undefined;
  }

  #has(name: HandlerName): boolean {
    const exported = this.#exported;
    if (exported === undefined) return false;
    const owner: unknown = this.#isClass ? ReflectGet(exported, 'prototype') : exported;
    return isObject(owner) && typeof ReflectGet(owner, name) === 'function';
  }

  #call(name: HandlerName, event: EventState, argument: object): unknown {
    const context = new ExecutionContext(event);
    const env = this.#env;
    const exported = this.#exported;
    const target: unknown =
      this.#isClass && typeof exported === 'function'
        ? ReflectConstruct(exported, [context, env])
        : exported;
    const handler: unknown = isObject(target) ? ReflectGet(target, name) : undefined;
    if (typeof handler !== 'function') throw new TypeError(`${name} is not a function any more`);
    return ReflectApply(handler, target, [argument, env, context]);
  }
}
