import type { HostJob } from './host-jobs.ts';
import type { WorkerEvent } from './worker-event.ts';
import type { WorkerInstance } from './worker-instance.ts';

/**
 * Does work for the event, or for the background without one, on a thread of libuv and at the
 * event's cost. Its result is dropped when the event is over. False when too much waits already.
 */
export function startJob<Result>(
  instance: WorkerInstance,
  event: WorkerEvent | undefined,
  job: Omit<HostJob<Result>, 'account' | 'isWanted'>,
): boolean {
  return instance.jobs.add(instance.runner, {
    ...job,
    account: event ?? instance.background,
    isWanted: () => !instance.isDead && event?.phase !== 'over',
  });
}
