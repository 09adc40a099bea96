import { platformLimits } from '@openworkers/core';
import { createCacheEgress } from './cache/create-cache-egress.ts';
import type { EgressKinds } from './channel-desk.ts';
import { EgressAllowance } from './egress-allowance.ts';
import { EgressGuard } from './egress-guard.ts';
import { FetchEgress } from './fetch/fetch-egress.ts';
import { TenantAgents } from './fetch/tenant-agents.ts';
import { createGuardedConnector } from './guarded-connector.ts';
import { createResolver, resolveAsSystem, type ResolveHost } from './host-resolver.ts';
import { PlatformEndpoints } from './platform-endpoints.ts';
import { TenantSlots } from './tenant-slots.ts';
import { WebSocketEgress } from './websocket/web-socket-egress.ts';

export interface EgressOptions {
  /** `OW_EGRESS_ALLOW`. */
  readonly allow: readonly string[];
  /** Ports of this machine that are the platform's. */
  readonly ownPorts: () => readonly number[];
  readonly databaseUrl: string;
  /** Asks name servers; for tests. */
  readonly resolve?: ResolveHost;
}

/** Everything workers can reach outside, and how to let go of it. */
export interface WorkerEgress {
  readonly kinds: Pick<EgressKinds, 'fetch' | 'websocket' | 'cache'>;
  /** Addresses of a host that may be connected to, at least one. @throws EgressRefusal */
  addressesOf(hostname: string, port: number): Promise<readonly string[]>;
  /** Breaks every connection. */
  stop(): void;
}

/** @throws AppError `invalid_config` when an entry of `allow` makes no sense */
export function createEgress(options: EgressOptions): WorkerEgress {
  const resolve = options.resolve ?? createResolver();
  const guard = new EgressGuard({
    allowance: new EgressAllowance(options.allow),
    endpoints: new PlatformEndpoints({
      ownPorts: options.ownPorts,
      database: databaseEndpoint(options.databaseUrl),
      resolve: resolveAsSystem,
    }),
    resolve,
    resolveNamed: resolveAsSystem,
  });
  const agents = new TenantAgents({ connect: createGuardedConnector(guard) });
  const slots = new TenantSlots(platformLimits.tenantSubrequests.tenant);
  const sockets = new WebSocketEgress({ guard, slots });
  return {
    kinds: {
      fetch: new FetchEgress({ agents, slots }),
      websocket: sockets,
      cache: createCacheEgress(),
    },
    addressesOf: (hostname, port) => guard.addressesOf(hostname, port),
    stop: () => {
      agents.destroy();
      sockets.stop();
    },
  };
}

/** Undefined for a URL without a port of its own, as a unix socket's. */
function databaseEndpoint(url: string): { host: string; port: number } | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return undefined;
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(parsed.port) || 5432 };
}
