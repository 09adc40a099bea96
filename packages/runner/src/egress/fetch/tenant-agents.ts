import { platformLimits } from '@openworkers/core';
import { Agent, type buildConnector, type Dispatcher } from 'undici';

const idleMs = platformLimits.subrequestIdleMs.tenant;
/** How long a connection that nobody uses is kept for the next request. */
const keepAliveMs = 4_000;
/** How long the agent of a tenant without requests is kept: longer than its connections. */
const keepAgentMs = 10_000;

interface TenantAgent {
  readonly agent: Agent;
  requests: number;
  closing: NodeJS.Timeout | undefined;
}

export interface TenantAgentsOptions {
  readonly connect: buildConnector.connector;
  /** Time without a byte of a response that is waited for; for tests. */
  readonly idleMs?: number;
}

/** Connections to origins are reused within a tenant only: what one did to them is no other's problem. */
export class TenantAgents {
  readonly #options: TenantAgentsOptions;
  readonly #agents = new Map<string, TenantAgent>();

  constructor(options: TenantAgentsOptions) {
    this.#options = options;
  }

  /** The tenant's dispatcher, until `release` has been called as often. */
  use(tenantId: string): Dispatcher {
    const tenant = this.#agents.get(tenantId) ?? this.#create(tenantId);
    clearTimeout(tenant.closing);
    tenant.requests += 1;
    return tenant.agent;
  }

  release(tenantId: string): void {
    const tenant = this.#agents.get(tenantId);
    if (tenant === undefined) return;
    tenant.requests -= 1;
    if (tenant.requests > 0) return;
    tenant.closing = setTimeout(() => this.#close(tenantId, tenant), keepAgentMs);
    tenant.closing.unref();
  }

  /** Breaks every connection. */
  destroy(): void {
    for (const { agent, closing } of this.#agents.values()) {
      clearTimeout(closing);
      // It has nothing more to say, also when it fails.
      agent.destroy().catch(() => undefined);
    }
    this.#agents.clear();
  }

  #create(tenantId: string): TenantAgent {
    const { connect, idleMs: timeoutMs = idleMs } = this.#options;
    const agent = new Agent({
      connect,
      allowH2: false,
      pipelining: 1,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      maxHeaderSize: platformLimits.headerBytes.tenant,
    });
    const tenant: TenantAgent = { agent, requests: 0, closing: undefined };
    this.#agents.set(tenantId, tenant);
    return tenant;
  }

  #close(tenantId: string, tenant: TenantAgent): void {
    this.#agents.delete(tenantId);
    tenant.agent.close().catch(() => undefined);
  }
}
