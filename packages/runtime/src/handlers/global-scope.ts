/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import type { CurrentEvent } from '../dispatch/current-event.ts';
import type { GlobalFunctions } from '../globals.ts';
import { eventsModule } from '../lazy/lazy-modules.ts';
import { globalObject, ObjectDefineProperty, TypeError } from '../primordials.ts';
import { requireArguments } from '../webidl/convert.ts';
import { isWorkerEvent, type Listeners } from './listeners.ts';

/** The global object as an event target: https://html.spec.whatwg.org/#workerglobalscope */
export class GlobalScope {
  readonly #workerEvents: Listeners;
  readonly #current: CurrentEvent;

  constructor(workerEvents: Listeners, current: CurrentEvent) {
    this.#workerEvents = workerEvents;
    this.#current = current;
  }

  /** The global functions of events. */
  createFunctions(): GlobalFunctions {
    const workerEvents = this.#workerEvents;
    const reportException = this.reportException;
    return {
      addEventListener(type: unknown, listener: unknown, options: unknown = undefined): void {
        requireArguments(arguments.length, 2, 'addEventListener');
        if (isWorkerEvent(type)) workerEvents.add(type, listener);
        else eventsModule.value.globalEvents.add([type, listener, options]);
      },
      removeEventListener(type: unknown, listener: unknown, options: unknown = undefined): void {
        requireArguments(arguments.length, 2, 'removeEventListener');
        if (isWorkerEvent(type)) workerEvents.remove(type, listener);
        else eventsModule.loaded?.globalEvents.remove([type, listener, options]);
      },
      dispatchEvent(event: unknown): boolean {
        requireArguments(arguments.length, 1, 'dispatchEvent');
        // Without the part, there are no events.
        const { loaded } = eventsModule;
        if (loaded === undefined) throw new TypeError('The argument is not an Event');
        return loaded.globalEvents.dispatch(event);
      },
      reportError(error: unknown): void {
        requireArguments(arguments.length, 1, 'reportError');
        reportException(error);
      },
    };
  }

  defineHandlers(): void {
    defineHandler('onerror');
    defineHandler('onrejectionhandled');
    defineHandler('onunhandledrejection');
  }

  /** Tells the listeners of `error`, and the log unless one of them prevents it. */
  readonly reportException = (error: unknown): void => {
    const isHandled = eventsModule.loaded?.globalEvents.reportException(error) ?? false;
    if (!isHandled) this.#current.event.reportBackgroundError(error);
  };
}

type HandlerName = 'onerror' | 'onrejectionhandled' | 'onunhandledrejection';

function defineHandler(name: HandlerName): void {
  ObjectDefineProperty(globalObject, name, {
    __proto__: null,
    get: () => eventsModule.loaded?.globalEvents[name].value ?? null,
    set: (value: unknown) => eventsModule.value.globalEvents[name].set(value),
    enumerable: true,
    configurable: true,
  } as object);
}
