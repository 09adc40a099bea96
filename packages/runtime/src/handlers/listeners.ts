import type { EventState } from '../dispatch/event-state.ts';
import type { Request } from '../fetch/request.ts';
import { newList, ReflectApply, ReflectGet, TypeError } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { promiseResolve, transform } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { FetchDispatch, FetchEvent } from './fetch-event.ts';
import { ScheduledController } from './scheduled-controller.ts';
import type { ScheduledRun } from './scheduled-controller.ts';

/** Functions and objects with `handleEvent` that were given to the global `addEventListener`. */
export class Listeners {
  readonly #fetch: List<object> = newList();
  readonly #scheduled: List<object> = newList();

  get hasFetch(): boolean {
    return this.#fetch.length > 0;
  }

  get hasScheduled(): boolean {
    return this.#scheduled.length > 0;
  }

  add(type: WorkerEventType, listener: unknown): void {
    if (listener === null || listener === undefined) return;
    if (!isObject(listener)) throw new TypeError('The listener is not a function');
    const list = this.#listOf(type);
    if (indexOf(list, listener) < 0) list[list.length] = listener;
  }

  remove(type: WorkerEventType, listener: unknown): void {
    const list = this.#listOf(type);
    const at = indexOf(list, listener);
    if (at >= 0) removeAt(list, at);
  }

  /** The answer, or a promise of one; undefined when no listener has answered. */
  dispatchFetch(event: EventState, request: Request): unknown {
    const dispatch = new FetchDispatch(event, request);
    const seen = new FetchEvent(dispatch);
    let returned: unknown;
    for (let i = 0; i < this.#fetch.length && dispatch.answer === undefined; i += 1) {
      const result = callListener(this.#fetch[i], seen);
      if (returned === undefined) returned = result;
    }
    if (dispatch.answer !== undefined || returned === undefined) return dispatch.answer;
    // An async listener may call respondWith late, or return the Response.
    return transform(promiseResolve(returned), (value) => dispatch.answer ?? value, rethrow);
  }

  /** What the first listener returned; the others run too. */
  dispatchScheduled(run: ScheduledRun): unknown {
    const seen = new ScheduledController(run);
    let returned: unknown;
    for (let i = 0; i < this.#scheduled.length; i += 1) {
      const result = callListener(this.#scheduled[i], seen);
      if (i === 0) returned = result;
      else run.event.waitUntil(result);
    }
    return returned;
  }

  #listOf(type: WorkerEventType): List<object> {
    return type === 'fetch' ? this.#fetch : this.#scheduled;
  }
}

/** Events that a worker is run for. */
export type WorkerEventType = 'fetch' | 'scheduled';

export function isWorkerEvent(type: unknown): type is WorkerEventType {
  return type === 'fetch' || type === 'scheduled';
}

function callListener(listener: object | undefined, event: object): unknown {
  if (typeof listener === 'function') return ReflectApply(listener, undefined, [event]);
  const handler: unknown = listener === undefined ? undefined : ReflectGet(listener, 'handleEvent');
  if (typeof handler !== 'function') throw new TypeError('The listener has no handleEvent method');
  return ReflectApply(handler, listener, [event]);
}

function indexOf(list: List<object>, wanted: unknown): number {
  for (let i = 0; i < list.length; i += 1) if (list[i] === wanted) return i;
  return -1;
}

function removeAt(list: List<object>, at: number): void {
  for (let i = at; i + 1 < list.length; i += 1) list[i] = list[i + 1] ?? list;
  list.length -= 1;
}

function rethrow(reason: unknown): never {
  throw reason;
}
