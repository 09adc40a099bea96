/*
 * What the Web APIs need of the event dispatcher. Set once while the isolate boots, before any
 * code of the worker runs, like the functions of `host.ts`.
 */

/** How long something lasts. */
export interface Lifetime {
  readonly isOver: boolean;
}

export interface Services {
  /** Logs an exception that no caller can catch, as of a listener or a timer. */
  readonly reportException: (error: unknown) => void;
  /**
   * Runs the function once, as part of the event that is running now; it is dropped when that event
   * ends. The returned function cancels it.
   */
  readonly startTimer: (run: () => void, delayMs: number) => () => void;
  /** The event that is running now; 0 is the start-up. */
  readonly currentEventId: () => number;
  readonly isCurrentEventOver: () => boolean;
  /** Of the event that is running now; what is made at start-up lasts as long as the isolate. */
  readonly currentLifetime: () => Lifetime;
}

export const forEver: Lifetime = { isOver: false };

export let {
  reportException,
  startTimer,
  currentEventId,
  isCurrentEventOver,
  currentLifetime,
}: Services = {
  reportException: () => {},
  startTimer: () => () => {},
  currentEventId: () => 0,
  isCurrentEventOver: () => false,
  currentLifetime: () => forEver,
};

export function connectServices(services: Services): void {
  ({ reportException, startTimer, currentEventId, isCurrentEventOver, currentLifetime } = services);
}
