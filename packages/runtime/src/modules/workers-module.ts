import type { CurrentEvent } from '../dispatch/current-event.ts';
import { WorkerEntrypoint } from '../handlers/worker-entrypoint.ts';
import { ObjectFreeze } from '../primordials.ts';
import { requireArguments } from '../webidl/convert.ts';

/** What `import … from 'cloudflare:workers'` gives. */
export function createWorkersModule(env: object, current: CurrentEvent): object {
  return ObjectFreeze({
    __proto__: null,
    env,
    WorkerEntrypoint,
    /** Like `ctx.waitUntil`, for the event whose code runs. */
    waitUntil(promise: unknown): void {
      requireArguments(arguments.length, 1, 'waitUntil');
      current.event.waitUntil(promise);
    },
  });
}
