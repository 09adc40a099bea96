import { isIP } from 'node:net';
import type { EgressAllowance } from './egress-allowance.ts';
import { EgressRefusal } from './egress-refusal.ts';
import type { ResolveHost } from './host-resolver.ts';
import type { PlatformEndpoints } from './platform-endpoints.ts';
import { isPublicAddress } from './public-addresses.ts';

export interface EgressGuardOptions {
  readonly allowance: EgressAllowance;
  readonly endpoints: PlatformEndpoints;
  /** Asks name servers. */
  readonly resolve: ResolveHost;
  /** Resolves the hosts that the operator has named, as the system does. */
  readonly resolveNamed: ResolveHost;
}

/**
 * Decides what workers can reach: the public network, what the operator has opened, and nothing of
 * the platform. Whoever connects uses the addresses given here and no name, so that a name server
 * cannot say one thing to the check and another to the connection.
 */
export class EgressGuard {
  readonly #options: EgressGuardOptions;

  constructor(options: EgressGuardOptions) {
    this.#options = options;
  }

  /**
   * The addresses of the host that may be connected to; at least one.
   *
   * @param hostname As `URL.hostname` has it: lower case, IPv6 in brackets
   * @throws EgressRefusal
   */
  async addressesOf(hostname: string, port: number): Promise<readonly string[]> {
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : withoutFinalDot(hostname);
    const candidates = isIP(host) === 0 ? await this.#resolve(host, port) : [host];
    const allowed: string[] = [];
    for (const address of candidates) {
      if (await this.#isAllowed(address, { host, port })) allowed.push(address);
    }
    if (allowed.length > 0) return allowed;
    throw new EgressRefusal(`${hostname} is not on the public network`);
  }

  async #resolve(host: string, port: number): Promise<readonly string[]> {
    const { allowance, resolve, resolveNamed } = this.#options;
    try {
      return await (allowance.hasHost(host, port) ? resolveNamed(host) : resolve(host));
    } catch {
      // Why is between the platform and its name servers.
      throw new EgressRefusal(`the name ${host} cannot be resolved`);
    }
  }

  async #isAllowed(
    address: string,
    { host, port }: { host: string; port: number },
  ): Promise<boolean> {
    const { allowance, endpoints } = this.#options;
    const isOpen =
      isPublicAddress(address) ||
      allowance.hasHost(host, port) ||
      allowance.hasAddress(address, port);
    return isOpen && !(await endpoints.has(address, port));
  }
}

function withoutFinalDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}
