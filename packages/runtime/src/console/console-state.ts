import { SafeMap } from '../safe-collections.ts';

/** What `console` remembers; it belongs to one event, so that requests do not see each other's. */
export class ConsoleState {
  lineCount = 0;
  indent = '';
  readonly counts = new SafeMap<string, number>();
  readonly timers = new SafeMap<string, number>();
}
