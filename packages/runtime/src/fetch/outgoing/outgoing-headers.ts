import type { HeaderList } from '../header-list.ts';

/**
 * What a worker cannot say: the connection's own headers, the length of a body (which the platform
 * counts), and the host (which the URL names, as in Workers). They are left out without a word.
 */
const connectionHeaders = [
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** https://fetch.spec.whatwg.org/#request-body-header-name */
const bodyHeaders = ['content-encoding', 'content-language', 'content-location', 'content-type'];

/** What a server that was not asked must not get: the standard names the first of them. */
const originHeaders = ['authorization', 'cookie', 'cookie2'];

/** The headers of a request as they leave: without the connection's, with what the standard adds. */
export function outgoingHeaders(list: HeaderList, cache: string): HeaderList {
  const headers = list.copy();
  deleteAll(headers, connectionHeaders);
  addDefault(headers, 'accept', '*/*');
  addDefault(headers, 'user-agent', 'OpenWorkers');
  addDefault(headers, 'accept-encoding', headers.has('range') ? 'identity' : 'gzip, deflate, br');
  // https://fetch.spec.whatwg.org/#http-network-or-cache-fetch, steps on the cache mode
  if (cache === 'no-cache') addDefault(headers, 'cache-control', 'max-age=0');
  if (cache === 'no-store' || cache === 'reload') {
    addDefault(headers, 'pragma', 'no-cache');
    addDefault(headers, 'cache-control', 'no-cache');
  }
  return headers;
}

/** The same request goes on without its body. */
export function dropBodyHeaders(headers: HeaderList): void {
  deleteAll(headers, bodyHeaders);
}

/** The same request goes to another origin. */
export function dropOriginHeaders(headers: HeaderList): void {
  deleteAll(headers, originHeaders);
}

function addDefault(headers: HeaderList, name: string, value: string): void {
  if (!headers.has(name)) headers.append(name, value);
}

function deleteAll(headers: HeaderList, names: readonly string[]): void {
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    if (name !== undefined && headers.has(name)) headers.delete(name);
  }
}
