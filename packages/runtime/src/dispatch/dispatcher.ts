import { arrivalKinds, enterOps, hostOps } from '../boundary.ts';
import type { Crossing, EnterOp, InstallOptions } from '../boundary.ts';
import { Body } from '../fetch/body.ts';
import { HeaderList } from '../fetch/header-list.ts';
import { IncomingBody } from '../fetch/incoming-body.ts';
import { Request } from '../fetch/request.ts';
import { IncomingParts, RequestState } from '../fetch/request-state.ts';
import { isResponse } from '../fetch/response.ts';
import { ScheduledRun } from '../handlers/scheduled-controller.ts';
import type { WorkerHandlers } from '../handlers/worker-handlers.ts';
import { compressionModule } from '../lazy/lazy-modules.ts';
import { SafeMap } from '../safe-collections.ts';
import { react } from '../safe-promise.ts';
import type { Timers } from '../timers/timers.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import { dropChannelsOf } from './channels.ts';
import type { CurrentEvent } from './current-event.ts';
import { EventState } from './event-state.ts';
import { dropCallsOf } from './host-calls.ts';
import { host } from './host.ts';

interface DispatcherInit {
  readonly current: CurrentEvent;
  readonly handlers: WorkerHandlers;
  readonly options: InstallOptions;
  readonly timers: Timers;
}

/** A request as the sandbox describes it; see `enterOps.fetch`. */
interface Arrival {
  readonly eventId: number;
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  /** One of `arrivalKinds`. */
  readonly kind: number;
  readonly extras: string;
}

/** Hands events to the worker, and what concerns a running event to its state. */
export class Dispatcher {
  readonly #current: CurrentEvent;
  readonly #handlers: WorkerHandlers;
  readonly #options: InstallOptions;
  readonly #timers: Timers;
  readonly #events = new SafeMap<number, EventState>();

  constructor({ current, handlers, options, timers }: DispatcherInit) {
    this.#current = current;
    this.#handlers = handlers;
    this.#options = options;
    this.#timers = timers;
  }

  fetch(arrival: Arrival): void {
    const event = this.#begin(arrival.eventId);
    if (!this.#handlers.hasFetch) {
      this.#refuse(event);
      return;
    }
    let answer: unknown;
    try {
      answer = this.#handlers.fetch(event, new Request(requestOf(event, arrival)));
    } catch (error) {
      event.fail(error);
      return;
    }
    if (isResponse(answer)) event.respond(answer);
    else
      react(
        answer,
        (response) => event.respond(response),
        (reason) => event.fail(reason),
      );
  }

  scheduled(eventId: number, scheduledTime: number, cron: string): void {
    const event = this.#begin(eventId);
    if (!this.#handlers.hasScheduled) {
      this.#refuse(event);
      return;
    }
    try {
      react(
        this.#handlers.scheduled(new ScheduledRun(event, scheduledTime, cron)),
        () => event.settle(),
        (reason) => event.fail(reason),
      );
    } catch (error) {
      event.fail(error);
    }
  }

  /** What runs from now on belongs to that event; to the other when it is over. */
  resume(eventId: number, otherwise: EventState): void {
    this.#current.event = this.#events.get(eventId) ?? otherwise;
  }

  /** What concerns an event that has begun; nothing happens if it is over. */
  proceed(op: EnterOp, eventId: number, a: unknown, b: Crossing, c: Crossing): void {
    const event = this.#events.get(eventId);
    if (event === undefined) return;
    this.#current.event = event;
    switch (op) {
      case enterOps.requestChunk:
        if (isArrayBuffer(a)) event.requestBody?.receiveChunk(a);
        break;
      case enterOps.requestEnd:
        event.requestBody?.receiveEnd();
        break;
      case enterOps.requestError:
        event.requestBody?.receiveError(typeof a === 'string' ? a : 'The body broke off');
        break;
      case enterOps.clientGone:
        event.disconnect();
        break;
      case enterOps.responseCredit:
        if (typeof a === 'number') event.credit(a);
        break;
      case enterOps.timer:
        if (typeof a === 'number') this.#timers.fire(a);
        break;
      case enterOps.socketMessage:
        event.client?.receiveMessage(a);
        break;
      case enterOps.socketTaken:
        event.client?.receiveTaken(a);
        break;
      case enterOps.socketClosed:
        event.client?.receiveClosed(a, b, c);
        break;
      case enterOps.endEvent:
        event.end('The event was ended');
        break;
      default:
    }
  }

  #begin(eventId: number): EventState {
    const event = new EventState(eventId, this.#options.responseWindowBytes, this.#forget);
    this.#events.set(eventId, event);
    this.#current.event = event;
    return event;
  }

  #refuse(event: EventState): void {
    host(hostOps.noHandler, event.id);
    event.settle();
  }

  readonly #forget = (event: EventState): void => {
    this.#events.delete(event.id);
    this.#timers.dropAllOf(event);
    dropCallsOf(event.id);
    compressionModule.loaded?.dropCodecsOf(event.id);
    dropChannelsOf(event.id);
  };
}

function requestOf(event: EventState, arrival: Arrival): RequestState {
  const headers = new HeaderList(arrival.headers, true);
  const parts = new IncomingParts(arrival.method, arrival.url, headers, arrival.extras);
  const state = new RequestState(parts);
  event.requestSignal = parts.signal;
  event.canUpgrade = arrival.kind === arrivalKinds.upgrade;
  if (arrival.kind === arrivalKinds.body) {
    const { id } = event;
    const origin = {
      pull: (bytes: number): void => host(hostOps.pullRequestBody, id, bytes),
      cancel: (): void => host(hostOps.cancelRequestBody, id),
    };
    event.requestBody = new IncomingBody(origin, 0);
    state.body = new Body(event.requestBody, undefined);
  }
  return state;
}
