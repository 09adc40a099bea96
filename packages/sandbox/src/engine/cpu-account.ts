/**
 * What CPU time is charged to: an event, or the background of an isolate (start-up, code that runs
 * for no event). Filled by the {@link Watchdog}; all times in ms.
 */
export class CpuAccount {
  /** The id by which the isolate knows it; 0 is the background. */
  readonly id: number;
  limitMs: number;
  cpuMs = 0;
  /** Wall time its slices ran since the watchdog's last look. */
  activeMs = 0;
  /** Slices that ended since the watchdog's last look. */
  endedSlices = 0;
  /** In the watchdog's list of what to charge at its next look. */
  isTouched = false;
  /** Wall time its host jobs ran since the watchdog's last look. */
  jobMs = 0;
  /** Host jobs that wait or run. */
  hostJobs = 0;
  /** Slices sent to the isolate that are not over yet. */
  pendingSlices = 0;

  constructor(id: number, limitMs: number) {
    this.id = id;
    this.limitMs = limitMs;
  }

  get isOverLimit(): boolean {
    return this.cpuMs > this.limitMs;
  }

  /** Called when the last of its slices is over. */
  onIdle(): void {}
}
