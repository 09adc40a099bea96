import { Resolver, lookup } from 'node:dns/promises';

/** The addresses of a host name; rejects when there is none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

const timeoutMs = 2_500;
const tries = 2;

/**
 * Asks the name servers, and nobody else: not /etc/hosts, and no thread waits for an answer, so that
 * a tenant with a slow name server keeps nobody else from resolving.
 *
 * @param servers `address:port` of name servers; those of the system when left out
 */
export function createResolver(servers?: readonly string[]): ResolveHost {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    if (addresses.length === 0) throw new Error(`no address for ${host}`);
    return addresses;
  };
}

/** As the system resolves, with /etc/hosts; for hosts that the operator has named. */
export const resolveAsSystem: ResolveHost = async (host) => {
  const answers = await lookup(host, { all: true, order: 'verbatim' });
  return answers.map(({ address }) => address);
};
