import { AppError, assertNever, type Clock, type ErrorCode } from '@openworkers/core';
import {
  findRouteByDomain,
  findRouteById,
  findRouteByName,
  findRouteVersion,
  type Queries,
  type Route,
} from '@openworkers/db';
import { parseHost, type HostTarget, type PlatformHosts } from './host-name.ts';
import { countedLru, type WeightedLru } from './weighted-lru.ts';

/** Where a host leads, as the runner knows it. */
type HostRoute =
  | { readonly kind: 'platform' }
  | {
      readonly kind: 'none';
      readonly code: ErrorCode;
      /** The worker that exists but has nothing to serve. */
      readonly workerId: string | undefined;
    }
  | { readonly kind: 'worker'; readonly route: Route };

export interface ResolvedRoute {
  readonly answer: HostRoute;
  /**
   * Something changed while this was read, again and again: use it for the request at hand, and
   * ask again for the next one.
   */
  readonly isUncertain: boolean;
}

export interface RouteResolverOptions {
  readonly queries: Queries;
  readonly clock: Clock;
  readonly hosts: PlatformHosts;
  /** Milliseconds after which an answer is read again in case a notification was lost. */
  readonly ttlMs?: number;
  /** Milliseconds that an old answer may be used while PostgreSQL is down. */
  readonly maxStaleMs?: number;
  /** Milliseconds that a request waits for PostgreSQL when an old answer is at hand. */
  readonly patienceMs?: number;
  /** Told when an answer came after an old one had been given instead. */
  readonly onLateAnswer: (late: { host: string } | { worker: string }) => void;
}

interface CachedRoute {
  readonly target: HostTarget;
  readonly answer: HostRoute;
  readonly loadedAtMs: number;
  isStale: boolean;
}

const maxWorkerHosts = 10_000;
const maxUnknownHosts = 10_000;
const maxLoadsInProgress = 200;
const maxAttempts = 3;

/**
 * Hosts to workers, from PostgreSQL through a bounded cache. Concurrent questions about one host
 * are one query; a change drops exactly what it concerns.
 */
export class RouteResolver {
  readonly #options: Required<RouteResolverOptions>;
  readonly #workerHosts = countedLru<string, CachedRoute>(maxWorkerHosts);
  /** Apart from the others, so that a flood of invented hosts pushes no worker out. */
  readonly #unknownHosts = countedLru<string, CachedRoute>(maxUnknownHosts);
  readonly #loads = new Map<string, Promise<ResolvedRoute>>();
  /** Grows with every change, so that a load notices one that happened meanwhile. */
  #generation = 0;

  constructor(options: RouteResolverOptions) {
    this.#options = { ttlMs: 60_000, maxStaleMs: 3_600_000, patienceMs: 1_500, ...options };
  }

  /**
   * @throws AppError `database_unavailable` when PostgreSQL cannot be reached and nothing usable is
   * cached, `overloaded` when too many different hosts are being looked up
   */
  resolve(host: string): Promise<ResolvedRoute> {
    return this.#resolveCached(host, undefined);
  }

  async #resolveCached(host: string, wanted: HostTarget | undefined): Promise<ResolvedRoute> {
    const cached = this.#workerHosts.get(host) ?? this.#unknownHosts.get(host);
    if (cached === undefined) {
      return wanted === undefined ? this.#resolveUnknown(host) : this.#load(host, wanted);
    }
    const ageMs = this.#options.clock.now() - cached.loadedAtMs;
    const fromCache = { answer: cached.answer, isUncertain: false };
    if (!cached.isStale && ageMs <= this.#options.ttlMs) return fromCache;
    const load = this.#load(host, cached.target);
    return ageMs > this.#options.maxStaleMs ? load : this.#loadOr(fromCache, { load, host });
  }

  /**
   * The same for a worker that is named by its id, as bindings do.
   *
   * @throws AppError as {@link resolve}
   */
  resolveWorker(workerId: string): Promise<ResolvedRoute> {
    // No host has a slash.
    return this.#resolveCached(`/${workerId}`, { kind: 'worker-id', workerId });
  }

  /** A worker changed: its hosts are read again, and previews that may exist now. */
  invalidateWorker(workerId: string): void {
    this.#markStale(
      ({ answer, target }) =>
        workerIdOf(answer) === workerId || (answer.kind === 'none' && target.kind === 'preview'),
    );
  }

  /** What a host leads to changed. `nameOrDomain`: a worker's name, or a custom domain. Returns the hosts. */
  invalidateHost(nameOrDomain: string): string[] {
    const isDomain = nameOrDomain.includes('.');
    const host = isDomain ? nameOrDomain : `${nameOrDomain}.${this.#options.hosts.baseDomain}`;
    const concerned = new Set([host]);
    this.#markStale(({ target }, cachedHost) => {
      const isNamed = !isDomain && target.kind === 'preview' && target.name === nameOrDomain;
      if (isNamed) concerned.add(cachedHost);
      return isNamed || cachedHost === host;
    });
    return [...concerned];
  }

  invalidateEnvironment(environmentId: string): void {
    this.#markStale(
      ({ answer }) => answer.kind === 'worker' && answer.route.environmentId === environmentId,
    );
  }

  /** Notifications may have been lost: everything is read again when it is asked for. */
  invalidateAll(): void {
    this.#markStale(() => true);
  }

  async #resolveUnknown(host: string): Promise<ResolvedRoute> {
    const target = parseHost(host, this.#options.hosts);
    if (target.kind === 'platform') return { answer: target, isUncertain: false };
    if (target.kind === 'nothing') {
      return { answer: unknownHost, isUncertain: false };
    }
    return this.#load(host, target);
  }

  /** Waits for the load, but not for a dead or slow database: then the old answer must do. */
  #loadOr(old: ResolvedRoute, { load, host }: { load: Promise<ResolvedRoute>; host: string }) {
    return new Promise<ResolvedRoute>((resolve) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        resolve(old);
      }, this.#options.patienceMs);
      const settle = (result: ResolvedRoute): void => {
        clearTimeout(timer);
        if (isLate && result !== old) this.#options.onLateAnswer(toInvalidation(host));
        resolve(result);
      };
      // Failed: PostgreSQL is down, and everything is asked again when it is back.
      load.then(settle, () => settle(old));
    });
  }

  #load(host: string, target: HostTarget): Promise<ResolvedRoute> {
    const running = this.#loads.get(host);
    if (running !== undefined) return running;
    if (this.#loads.size >= maxLoadsInProgress) {
      throw new AppError('overloaded', undefined, { retryAfterSeconds: 1 });
    }
    const load = this.#loadOnce(host, target).finally(() => this.#loads.delete(host));
    this.#loads.set(host, load);
    return load;
  }

  async #loadOnce(host: string, target: HostTarget): Promise<ResolvedRoute> {
    for (let attempt = 1; ; attempt += 1) {
      const generation = this.#generation;
      const loadedAtMs = this.#options.clock.now();
      const answer = toHostRoute(await this.#query(target));
      const isUncertain = generation !== this.#generation;
      if (isUncertain && attempt < maxAttempts) continue;
      this.#keep(host, { target, answer, loadedAtMs, isStale: isUncertain });
      return { answer, isUncertain };
    }
  }

  #query(target: HostTarget): Promise<Route | undefined> {
    const { queries } = this.#options;
    switch (target.kind) {
      case 'worker':
        return findRouteByName(queries, target.name);
      case 'preview':
        return findRouteVersion(queries, { name: target.name, version: target.version });
      case 'domain':
        return findRouteByDomain(queries, target.host);
      case 'worker-id':
        return findRouteById(queries, target.workerId);
      case 'platform':
      case 'nothing':
        return Promise.resolve(undefined);
      default:
        return assertNever(target);
    }
  }

  #keep(host: string, entry: CachedRoute): void {
    const isKnown = workerIdOf(entry.answer) !== undefined;
    (isKnown ? this.#unknownHosts : this.#workerHosts).delete(host);
    (isKnown ? this.#workerHosts : this.#unknownHosts).set(host, entry);
  }

  #markStale(isConcerned: (entry: CachedRoute, host: string) => boolean): void {
    this.#generation += 1;
    for (const cache of [this.#workerHosts, this.#unknownHosts]) markIn(cache, isConcerned);
  }
}

const unknownHost: HostRoute = { kind: 'none', code: 'host_not_found', workerId: undefined };

function toInvalidation(key: string): { host: string } | { worker: string } {
  return key.startsWith('/') ? { worker: key.slice(1) } : { host: key };
}

function markIn(
  cache: WeightedLru<string, CachedRoute>,
  isConcerned: (entry: CachedRoute, host: string) => boolean,
): void {
  for (const [host, entry] of cache.entries()) {
    if (isConcerned(entry, host)) entry.isStale = true;
  }
}

function toHostRoute(route: Route | undefined): HostRoute {
  if (route === undefined) return unknownHost;
  if (route.serving.length > 0) return { kind: 'worker', route };
  return { kind: 'none', code: 'worker_not_deployed', workerId: route.workerId };
}

function workerIdOf(answer: HostRoute): string | undefined {
  if (answer.kind === 'worker') return answer.route.workerId;
  return answer.kind === 'none' ? answer.workerId : undefined;
}
