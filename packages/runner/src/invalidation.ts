import { listen, type Listener, type ListenOptions } from '@openworkers/db';
import type { Invalidation } from '@openworkers/sandbox';
import type { RouteResolver } from './route-resolver.ts';

export interface InvalidationFeedOptions extends Pick<
  ListenOptions,
  'connectionString' | 'applicationName' | 'log'
> {
  readonly routes: RouteResolver;
  /** Tells every sandbox. */
  readonly broadcast: (invalidation: Invalidation) => void;
}

/** Carries notifications of PostgreSQL to the runner's caches and on to the sandboxes. */
export class InvalidationFeed {
  readonly #options: InvalidationFeedOptions;
  #listener: Listener | undefined;
  #isConnected = false;

  constructor(options: InvalidationFeedOptions) {
    this.#options = options;
  }

  /** Whether notifications arrive just now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  start(): void {
    const { connectionString, applicationName, log } = this.#options;
    this.#listener = listen({
      connectionString,
      applicationName,
      log,
      onNotify: (notification) => this.#apply(notification),
      onConnectionChange: (isConnected) => this.#connectionChanged(isConnected),
    });
  }

  async stop(): Promise<void> {
    await this.#listener?.close();
  }

  #apply(notification: Parameters<ListenOptions['onNotify']>[0]): void {
    const { routes, broadcast } = this.#options;
    if ('worker' in notification) {
      routes.invalidateWorker(notification.worker);
      broadcast(notification);
    } else if ('host' in notification) {
      for (const host of routes.invalidateHost(notification.host)) broadcast({ host });
    } else {
      routes.invalidateEnvironment(notification.environment);
      broadcast(notification);
    }
  }

  #connectionChanged(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.#options.log.info({ isConnected }, 'invalidation feed changed');
    if (!isConnected) return;
    // Whatever was said while nobody listened is lost.
    this.#options.routes.invalidateAll();
    this.#options.broadcast({ all: true });
  }
}
