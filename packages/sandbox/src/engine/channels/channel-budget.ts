import { platformLimits } from '@openworkers/core/limits';
import type { ChannelKind } from '@openworkers/runtime';

/** How many channels of some kinds one event may open. */
export interface ChannelBudget {
  readonly most: number;
  /** Further ones wait. */
  readonly atOnce: number;
  /** Until when a channel counts as one of those at once. */
  readonly heldUntil: 'answered' | 'over';
  /** What the worker is told. */
  readonly refusal: string;
}

const subrequests: ChannelBudget = {
  most: platformLimits.subrequests.tenant,
  atOnce: platformLimits.subrequestsWaiting.tenant,
  heldUntil: 'answered',
  refusal: `Too many subrequests: one event may make ${platformLimits.subrequests.tenant}`,
};

const storage = bindingBudget(
  'storage operations',
  platformLimits.storageOperations,
  platformLimits.storageOperationsAtOnce,
);

/** Kinds with the same budget share it. */
export const channelBudgets: Readonly<Record<ChannelKind, ChannelBudget>> = {
  fetch: subrequests,
  websocket: subrequests,
  cache: subrequests,
  kv: bindingBudget(
    'KV operations',
    platformLimits.kvOperations,
    platformLimits.kvOperationsAtOnce,
  ),
  database: bindingBudget(
    'database queries',
    platformLimits.databaseQueries,
    platformLimits.databaseQueriesAtOnce,
  ),
  storage,
  assets: storage,
};

function bindingBudget(
  name: string,
  most: { tenant: number },
  atOnce: { tenant: number },
): ChannelBudget {
  return {
    most: most.tenant,
    atOnce: atOnce.tenant,
    heldUntil: 'over',
    refusal: `Too many ${name}: one event may make ${most.tenant}`,
  };
}
