import type { CpuAccount } from './cpu-account.ts';
import { waitingJobBytes, waitingJobs } from './engine-limits.ts';
import type { SliceRunner } from './slice-runner.ts';

/** What one isolate may use of this thread at once, in ms. */
const burstMs = 1;
/** And in the long run, as a part of its time, while others need it. */
const share = 0.25;
/** A turn of the event loop that takes longer had something to do for others. */
const idleTurnMs = 0.3;

/** Short work on this thread, done for an event. */
export interface ShortWork {
  readonly account: CpuAccount;
  /** Memory that it holds while it waits. */
  readonly sizeBytes: number;
  /** False once nobody waits for the result. */
  readonly isWanted: () => boolean;
  /** Does it; what it throws is its own affair. Charged to the account by `onSpent`. */
  readonly run: () => void;
  readonly onSpent: (elapsedMs: number) => void;
}

/** What an isolate has used of this thread lately, and what waits until it may go on. */
interface Lane {
  debtMs: number;
  countedAt: number;
  readonly waiting: ShortWork[];
  isArmed: boolean;
}

/**
 * Everybody's requests pass through this thread. Work that is shorter than handing it to another one
 * is done here, but no isolate gets more than a burst before the others had their turn, nor more than
 * its share if they need it: beyond that its work waits.
 */
export class MainThreadWork {
  readonly #lanes = new WeakMap<SliceRunner, Lane>();

  /** Whether the isolate may use this thread now. */
  hasRoom(runner: SliceRunner): boolean {
    const lane = this.#laneOf(runner);
    return lane.waiting.length === 0 && debtOf(lane) < burstMs;
  }

  /** Does the work now or as soon as the isolate may. False when too much of it waits already. */
  add(runner: SliceRunner, work: ShortWork): boolean {
    const lane = this.#laneOf(runner);
    if (lane.waiting.length === 0 && debtOf(lane) < burstMs) {
      perform(lane, work);
      return true;
    }
    if (runner.hostJobs >= waitingJobs) return false;
    if (runner.hostJobs > 0 && runner.hostJobBytes + work.sizeBytes > waitingJobBytes) return false;
    runner.expectJob(work);
    lane.waiting.push(work);
    this.#arm(runner, lane);
    return true;
  }

  /** Counts work that could not wait. */
  count(runner: SliceRunner, spentMs: number): void {
    this.#laneOf(runner).debtMs += spentMs;
  }

  #laneOf(runner: SliceRunner): Lane {
    let lane = this.#lanes.get(runner);
    if (lane === undefined) {
      lane = { debtMs: 0, countedAt: 0, waiting: [], isArmed: false };
      this.#lanes.set(runner, lane);
    }
    return lane;
  }

  #arm(runner: SliceRunner, lane: Lane): void {
    if (lane.isArmed) return;
    lane.isArmed = true;
    const goOn = (): void => {
      lane.isArmed = false;
      this.#drain(runner, lane);
    };
    // The first one runs in this turn of the loop, before whatever else has arrived.
    setImmediate(() => {
      const turnAt = performance.now();
      setImmediate(() => {
        const isIdle = performance.now() - turnAt < idleTurnMs;
        if (isIdle) lane.debtMs = 0;
        const waitMs = (debtOf(lane) - burstMs) / share;
        if (waitMs > 0) setTimeout(goOn, waitMs);
        else goOn();
      });
    });
  }

  #drain(runner: SliceRunner, lane: Lane): void {
    while (lane.waiting.length > 0 && (runner.disposedAt !== undefined || debtOf(lane) < burstMs)) {
      const work = lane.waiting.shift();
      if (work === undefined) break;
      if (runner.disposedAt === undefined && work.isWanted()) perform(lane, work);
      runner.forgetJob(work);
    }
    if (lane.waiting.length > 0) this.#arm(runner, lane);
  }
}

function debtOf(lane: Lane): number {
  const now = performance.now();
  lane.debtMs = Math.max(0, lane.debtMs - (now - lane.countedAt) * share);
  lane.countedAt = now;
  return lane.debtMs;
}

function perform(lane: Lane, work: ShortWork): void {
  const startedAt = performance.now();
  work.run();
  const spentMs = performance.now() - startedAt;
  lane.debtMs += spentMs;
  work.onSpent(spentMs);
}
