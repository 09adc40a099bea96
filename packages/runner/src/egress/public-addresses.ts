import { BlockList, isIP } from 'node:net';

/** Of the IPv4 space, what is not the public unicast network: https://www.iana.org/assignments/iana-ipv4-special-registry/ */
const specialIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // A public address that every machine of one cloud reaches, for metadata and keys.
  '168.63.129.16/32',
];

/** The only IPv6 space that is given out for unicast; mapped and translated IPv4 lies outside. */
const unicastIpv6 = ['2000::/3'];

/** Parts of it that are not: https://www.iana.org/assignments/iana-ipv6-special-registry/ */
const specialIpv6 = [
  // Protocol assignments: Teredo, benchmarking, ORCHID.
  '2001::/23',
  '2001:db8::/32',
  // 6to4 carries an IPv4 address.
  '2002::/16',
  '2620:4f:8000::/48',
  '3ffe::/16',
  '3fff::/20',
];

const specialV4 = listOf(specialIpv4);
const unicastV6 = listOf(unicastIpv6);
const specialV6 = listOf(specialIpv6);

/**
 * Whether the address is on the public unicast network: not of this machine, a private or special
 * network, multicast, or an IPv6 form of an IPv4 address. False for anything that is no address.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialV4.check(address, 'ipv4');
    case 6:
      return unicastV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Adds `address/prefix` or a single address; false when it is neither. */
export function addNetwork(list: BlockList, network: string): boolean {
  const slash = network.indexOf('/');
  const address = slash < 0 ? network : network.slice(0, slash);
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return false;
  const bits = version === 4 ? 32 : 128;
  const prefix = slash < 0 ? String(bits) : network.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return false;
  list.addSubnet(address, Number(prefix), version === 4 ? 'ipv4' : 'ipv6');
  return true;
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return list;
}
