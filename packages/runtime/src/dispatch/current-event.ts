import type { EventState } from './event-state.ts';

/**
 * The event whose slice is running. What one event leaves for another to resolve runs in the
 * other's slice: the engine has no hook that could tell.
 */
export class CurrentEvent {
  event: EventState;

  constructor(startUp: EventState) {
    this.event = startUp;
  }
}
