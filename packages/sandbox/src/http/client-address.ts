import { BlockList, isIP } from 'node:net';

const mappedPrefix = '::ffff:';

/** Which peers may say who their client is. */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #isEmpty: boolean;

  /** @param ranges addresses and CIDRs; what is neither is ignored (the runner checks its settings) */
  constructor(ranges: readonly string[]) {
    this.#isEmpty = ranges.length === 0;
    for (const range of ranges) addRange(this.#list, range);
  }

  has(address: string): boolean {
    if (this.#isEmpty) return false;
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

function addRange(list: BlockList, range: string): void {
  const [address = '', bits] = range.split('/');
  const family = isIP(address);
  if (family === 0) return;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, type);
  else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32)) {
    list.addSubnet(address, Number(bits), type);
  }
}

/** An address without the IPv4-in-IPv6 wrapping of a dual-stack listener. */
export function plainAddress(address: string): string {
  return address.startsWith(mappedPrefix) && address.includes('.')
    ? address.slice(mappedPrefix.length)
    : address;
}

/** What a trusted proxy said about its client. */
export interface ForwardingHeaders {
  readonly xForwardedFor: string | undefined;
  readonly xForwardedProto: string | undefined;
  readonly xRealIp: string | undefined;
  readonly forwarded: string | undefined;
}

/**
 * The client behind a trusted peer: the last address in `X-Forwarded-For` (or `Forwarded`) that is
 * not itself a trusted proxy, else `X-Real-IP`, else the peer. Everything left of that address was
 * written by the client and means nothing.
 */
export function clientBehind(
  peer: string,
  { headers, proxies }: { headers: ForwardingHeaders; proxies: TrustedProxies },
): string {
  const chain =
    headers.xForwardedFor === undefined
      ? forwardedFor(headers.forwarded)
      : headers.xForwardedFor.split(',').map((part) => part.trim());
  let client: string | undefined;
  for (const hop of chain.toReversed()) {
    const address = bareAddress(hop);
    if (address === undefined) break;
    client = address;
    if (!proxies.has(address)) return address;
  }
  if (client !== undefined) return client;
  return bareAddress(headers.xRealIp ?? '') ?? peer;
}

/** The scheme the client used, as a trusted proxy says. */
export function schemeBehind(headers: ForwardingHeaders): 'http' | 'https' | undefined {
  const last = (headers.xForwardedProto ?? forwardedProto(headers.forwarded))
    ?.split(',')
    .at(-1)
    ?.trim()
    .toLowerCase();
  return last === 'http' || last === 'https' ? last : undefined;
}

function forwardedFor(header: string | undefined): string[] {
  return forwardedValues(header, 'for');
}

function forwardedProto(header: string | undefined): string | undefined {
  return forwardedValues(header, 'proto').at(-1);
}

/** RFC 7239, read leniently: the values of one parameter over all hops. */
function forwardedValues(header: string | undefined, name: string): string[] {
  if (header === undefined) return [];
  const values: string[] = [];
  for (const pair of header.split(/[,;]/)) {
    const [key = '', value = ''] = pair.split('=');
    if (key.trim().toLowerCase() === name) values.push(value.trim().replace(/^"(.*)"$/, '$1'));
  }
  return values;
}

/** Strips brackets and a port; undefined for what is not an address (`unknown`, `_hidden`). */
function bareAddress(text: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  const withPort = /^([\d.]+):\d+$/.exec(text)?.[1];
  const address = plainAddress(bracketed ?? withPort ?? text);
  return isIP(address) === 0 ? undefined : address;
}
