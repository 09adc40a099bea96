import type { Logger, Secret } from '@openworkers/core';

export interface ListenOptions {
  connectionString: Secret;
  applicationName: string;
  log: Logger;
  /**
   * One notification of channel `ow_invalidate`: exactly one of the keys is there. `host` is a
   * worker name (no dot) or a custom domain (with a dot). Unknown keys are passed over.
   */
  onNotify(notification: Invalidation): void;
  /**
   * `true` each time the subscription is (re-)established, `false` when it is lost. Notifications
   * may have been lost in between: on `true` drop everything cached before.
   */
  onConnectionChange(connected: boolean): void;
  /** Bounds of the wait between attempts in milliseconds; 100 to 5 000 when left out. */
  backoffMs?: { min: number; max: number };
}

export type Invalidation = { worker: string } | { host: string } | { environment: string };

export interface Listener {
  close(): Promise<void>;
}

/**
 * Subscribes to the platform's invalidation channel on a connection of its own and reconnects by
 * itself for ever, with growing back-off; a silent connection is probed every 15 s. Returns at
 * once: the first `onConnectionChange(true)` tells that the subscription stands.
 */
export declare function listen(options: ListenOptions): Listener;
