import { TypeError } from '../primordials.ts';
import type { EventState } from '../dispatch/event-state.ts';
import { requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';

/** What a cron run is about. */
export class ScheduledRun {
  readonly event: EventState;
  readonly scheduledTime: number;
  readonly cron: string;

  constructor(event: EventState, scheduledTime: number, cron: string) {
    this.event = event;
    this.scheduledTime = scheduledTime;
    this.cron = cron;
  }
}

/** The first argument of `scheduled` handlers, and the event of `scheduled` listeners. */
export class ScheduledController {
  readonly #run: ScheduledRun;

  constructor(run: unknown) {
    if (!(run instanceof ScheduledRun)) throw new TypeError('Illegal constructor');
    this.#run = run;
  }

  get type(): string {
    void this.#run;
    return 'scheduled';
  }

  /** Epoch milliseconds. */
  get scheduledTime(): number {
    return this.#run.scheduledTime;
  }

  get cron(): string {
    return this.#run.cron;
  }

  /** Runs are not repeated: there is nothing to prevent. */
  noRetry(): void {
    void this.#run;
  }

  waitUntil(promise: unknown): void {
    requireArguments(arguments.length, 1, 'waitUntil');
    this.#run.event.waitUntil(promise);
  }

  static {
    defineInterface(this, 'ScheduledController');
  }
}
