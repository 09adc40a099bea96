import { networkInterfaces } from 'node:os';
import { BlockList, isIP } from 'node:net';
import type { ResolveHost } from './host-resolver.ts';
import { addNetwork } from './public-addresses.ts';

export interface PlatformEndpointsOptions {
  /** Ports on which this machine's own platform listens. */
  readonly ownPorts: () => readonly number[];
  readonly database: { readonly host: string; readonly port: number } | undefined;
  readonly resolve: ResolveHost;
}

/**
 * Where the platform itself listens: its database, its internal page, its front door. No worker
 * gets there, whatever else the operator opens: behind the front door a request would come back
 * without the trace that keeps workers from calling each other for ever.
 */
export class PlatformEndpoints {
  readonly #options: PlatformEndpointsOptions;

  constructor(options: PlatformEndpointsOptions) {
    this.#options = options;
  }

  async has(address: string, port: number): Promise<boolean> {
    const { database, ownPorts } = this.#options;
    if (ownPorts().includes(port) && isOwnAddress(address)) return true;
    if (database?.port !== port) return false;
    if (isOwnAddress(address) && isOwnHost(database.host)) return true;
    const addresses = new BlockList();
    for (const each of await this.#addressesOf(database.host)) addNetwork(addresses, each);
    return addresses.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    // A database whose name cannot be resolved is not reached under it either.
    return this.#options.resolve(host).catch(() => []);
  }
}

function isOwnHost(host: string): boolean {
  return host === '' || host === 'localhost' || host.startsWith('/') || isOwnAddress(host);
}

/** The unspecified address and every form of loopback reach this machine, too. */
function isOwnAddress(address: string): boolean {
  if (address.startsWith('127.') || address === '0.0.0.0') return true;
  if (address === '::' || address === '::1' || address.startsWith('::ffff:')) return true;
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some((own) => own.address === address);
}
