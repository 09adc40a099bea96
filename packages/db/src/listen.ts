import type { Logger, Secret } from '@openworkers/core';
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import { Client } from 'pg';
import { clientConfig } from './connection-options.ts';

/** What changed; `host` is a worker name (no dot) or a custom domain (with a dot). */
export type Invalidation = { worker: string } | { host: string } | { environment: string };

export interface ListenOptions {
  connectionString: Secret;
  applicationName: string;
  log: Logger;
  /** One notification of channel `ow_invalidate`; unknown kinds are passed over. */
  onNotify(notification: Invalidation): void;
  /**
   * `true` each time the subscription is (re-)established, `false` when it is lost. Notifications
   * may have been lost in between: on `true` drop everything cached before.
   */
  onConnectionChange(connected: boolean): void;
  /** Bounds of the wait between attempts in milliseconds; 100 to 5 000 when left out. */
  backoffMs?: { min: number; max: number };
  /** Milliseconds between probes of a silent connection; 15 000 when left out. */
  probeIntervalMs?: number;
}

export interface Listener {
  close(): Promise<void>;
}

/**
 * Subscribes to the platform's invalidation channel on a connection of its own and reconnects by
 * itself for ever, with growing back-off; a silent connection is probed. Returns at once: the
 * first `onConnectionChange(true)` tells that the subscription stands.
 */
export function listen(options: ListenOptions): Listener {
  const subscription = new Subscription(options);
  subscription.connect();
  return subscription;
}

class Subscription implements Listener {
  readonly #options: ListenOptions;
  readonly #backoffMs: { min: number; max: number };
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs: number;
  #isConnected = false;
  #isClosed = false;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#backoffMs = options.backoffMs ?? { min: 100, max: 5_000 };
    this.#waitMs = this.#backoffMs.min;
  }

  connect(): void {
    const { connectionString, applicationName, probeIntervalMs = 15_000 } = this.#options;
    const client = new Client(
      clientConfig({
        connectionString,
        applicationName,
        connectTimeoutMs: 5_000,
        statementTimeoutMs: 5_000,
      }),
    );
    this.#client = client;
    client.on('notification', ({ payload }) => this.#deliver(payload));
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, undefined));
    this.#subscribe(client).then(
      () => {
        if (this.#client !== client) return;
        this.#waitMs = this.#backoffMs.min;
        this.#setConnected(true);
        this.#timer = setInterval(() => {
          client.query('select 1').catch((error: unknown) => this.#lost(client, error));
        }, probeIntervalMs);
      },
      (error: unknown) => this.#lost(client, error),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    // A half-open connection never says goodbye; the socket goes with the process then.
    await Promise.race([client?.end(), setTimeoutAsync(1_000, undefined, { ref: false })]);
  }

  async #subscribe(client: Client): Promise<void> {
    await client.connect();
    await client.query('listen ow_invalidate');
  }

  #deliver(payload: string | undefined): void {
    const notification = parseInvalidation(payload);
    if (notification !== undefined) this.#options.onNotify(notification);
  }

  #lost(client: Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    clearInterval(this.#timer);
    // A half-open socket: nobody waits for its farewell.
    client.end().catch(() => undefined);
    this.#setConnected(false);
    if (this.#isClosed) return;
    const waitMs = this.#waitMs;
    this.#options.log.warn({ err: error, waitMs }, 'invalidation subscription lost');
    this.#waitMs = Math.min(waitMs * 2, this.#backoffMs.max);
    this.#timer = setTimeout(() => this.connect(), waitMs);
  }

  #setConnected(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return;
    this.#isConnected = isConnected;
    this.#options.onConnectionChange(isConnected);
  }
}

/** Undefined for anything but one of the three known shapes: a hint we do not know is no error. */
function parseInvalidation(payload: string | undefined): Invalidation | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload ?? '');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  if ('worker' in parsed && typeof parsed.worker === 'string') return { worker: parsed.worker };
  if ('host' in parsed && typeof parsed.host === 'string') return { host: parsed.host };
  if ('environment' in parsed && typeof parsed.environment === 'string') {
    return { environment: parsed.environment };
  }
  return undefined;
}
