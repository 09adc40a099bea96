import { isIP } from 'node:net';

/** What a host name asks for, before anybody looked into the database. */
export type HostTarget =
  | { readonly kind: 'platform' }
  | { readonly kind: 'worker'; readonly name: string }
  | { readonly kind: 'preview'; readonly name: string; readonly version: number }
  | { readonly kind: 'domain'; readonly host: string }
  /** No host leads there: what a binding stands for. */
  | { readonly kind: 'worker-id'; readonly workerId: string }
  | { readonly kind: 'nothing' };

export interface PlatformHosts {
  /** Host of `OW_PUBLIC_URL`, lower case, without port. */
  readonly platformHost: string;
  readonly baseDomain: string;
}

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const preview = /^([1-9][0-9]{0,8})--(.+)$/;
const maxHostLength = 253;

/**
 * Says what a host leads to. `host` is lower case and without port; anything that cannot be a host
 * name leads to nothing, so the database is never asked about it.
 */
export function parseHost(host: string, { platformHost, baseDomain }: PlatformHosts): HostTarget {
  if (host.length > maxHostLength) return { kind: 'nothing' };
  if (host === platformHost || isLocalName(host, baseDomain)) return { kind: 'platform' };
  if (host.endsWith(`.${baseDomain}`)) {
    return parseLabel(host.slice(0, -baseDomain.length - 1));
  }
  const labels = host.split('.');
  const isDomain =
    labels.length > 1 && isIP(host) === 0 && labels.every((part) => label.test(part));
  return isDomain ? { kind: 'domain', host } : { kind: 'nothing' };
}

function parseLabel(text: string): HostTarget {
  const [, version, name] = preview.exec(text) ?? [];
  if (version !== undefined && name !== undefined && isWorkerLabel(name)) {
    return { kind: 'preview', name, version: Number(version) };
  }
  return isWorkerLabel(text) ? { kind: 'worker', name: text } : { kind: 'nothing' };
}

function isWorkerLabel(text: string): boolean {
  return label.test(text) && !text.includes('--');
}

/** On a machine of one's own, the raw loopback addresses mean the platform too. */
function isLocalName(host: string, baseDomain: string): boolean {
  if (baseDomain !== 'localhost') return false;
  if (host === 'localhost' || host === '[::1]' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
