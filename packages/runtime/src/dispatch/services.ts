/*
 * What the Web APIs need of the event dispatcher. Set once while the isolate boots, before any
 * code of the worker runs, like the functions of `host.ts`.
 */

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
}

export let { reportException, startTimer, currentEventId, isCurrentEventOver }: Services = {
  reportException: () => {},
  startTimer: () => () => {},
  currentEventId: () => 0,
  isCurrentEventOver: () => false,
};

export function connectServices(services: Services): void {
  ({ reportException, startTimer, currentEventId, isCurrentEventOver } = services);
}
