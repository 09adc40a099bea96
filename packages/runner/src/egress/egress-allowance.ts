import { BlockList, isIP } from 'node:net';
import { AppError } from '@openworkers/core';
import { addNetwork } from './public-addresses.ts';

interface Rule {
  /** Undefined: by its address. */
  readonly host: string | undefined;
  readonly networks: BlockList;
  /** Undefined: every port. */
  readonly port: number | undefined;
}

const withPort = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/;
const hostShape = /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/;

/**
 * What `OW_EGRESS_ALLOW` opens beside the public network: networks (`10.1.0.0/16`, `[fd00::/8]:443`)
 * and host names (`search.internal:9200`), each with a port or for every port.
 */
export class EgressAllowance {
  readonly #rules: readonly Rule[];

  /** @throws AppError `invalid_config` that names the setting */
  constructor(entries: readonly string[]) {
    this.#rules = entries.map(readRule);
  }

  /** Whether the host is named itself: then it may have any address, also one of /etc/hosts. */
  hasHost(host: string, port: number): boolean {
    return this.#rules.some((rule) => rule.host === host && isPort(rule, port));
  }

  hasAddress(address: string, port: number): boolean {
    // A list of IPv4 networks matches addresses that are mapped into IPv6; nobody has opened those.
    if (address.startsWith('::ffff:')) return false;
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    return this.#rules.some((rule) => isPort(rule, port) && rule.networks.check(address, family));
  }
}

function isPort(rule: Rule, port: number): boolean {
  return rule.port === undefined || rule.port === port;
}

function readRule(entry: string): Rule {
  const [, bracketed, plain, portText] = withPort.exec(entry) ?? [];
  const target = bracketed ?? plain ?? entry;
  const port = portText === undefined ? undefined : Number(portText);
  const networks = new BlockList();
  const isValidPort = port === undefined || (port >= 1 && port <= 65_535);
  if (isValidPort && addNetwork(networks, target)) return { host: undefined, networks, port };
  const host = target.toLowerCase();
  if (isValidPort && hostShape.test(host) && host.length <= 253) return { host, networks, port };
  throw new AppError(
    'invalid_config',
    `OW_EGRESS_ALLOW: "${entry}" is neither a network nor a host name, with or without a port`,
  );
}
