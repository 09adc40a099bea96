const plainHost = /^[a-z0-9._-]+(?::[0-9]{1,5})?$/i;
const ipv6Host = /^\[[0-9a-f:.]{2,45}\](?::[0-9]{1,5})?$/i;
const emptyLabel = /(?:^|\.)(?:\.|$)/;
const maxHostChars = 253;

/**
 * The host of a `Host` header: lower case, without port and without a final dot; undefined when it
 * is not a host name or address. IPv6 addresses keep their brackets.
 */
export function parseHost(header: string): string | undefined {
  if (ipv6Host.test(header)) return header.slice(0, header.indexOf(']') + 1).toLowerCase();
  if (!plainHost.test(header)) return undefined;
  const colon = header.indexOf(':');
  let host = (colon < 0 ? header : header.slice(0, colon)).toLowerCase();
  if (host.endsWith('.')) host = host.slice(0, -1);
  if (host.length > maxHostChars || emptyLabel.test(host)) return undefined;
  return host;
}

/** Whether the host is an address of this machine, or its usual name. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
