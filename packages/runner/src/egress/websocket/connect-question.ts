import { z } from 'zod';
import { EgressRefusal } from '../egress-refusal.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- the tab is allowed
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const shape = z.object({
  url: z.string().max(64 * 1024),
  protocols: z.string().max(4096),
  headers: z.string().max(64 * 1024),
});

/** What a worker wants to connect to, checked. */
export interface ConnectQuestion {
  /** `ws:` or `wss:`. */
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** The connection's and the handshake's own headers are the platform's to write. */
const ownHeaders =
  /^(?:connection|content-length|expect|host|http2-settings|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*|sec-websocket-.*)$/;

/**
 * Reads the argument of a `websocket` channel, believing nothing of it.
 *
 * @throws EgressRefusal
 */
export function readConnectQuestion(argument: string): ConnectQuestion {
  let value: z.infer<typeof shape>;
  try {
    value = shape.parse(JSON.parse(argument));
  } catch {
    throw new EgressRefusal('the request for a WebSocket is malformed');
  }
  const url = URL.parse(value.url);
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.hash !== '') {
    throw new EgressRefusal('the URL of a WebSocket is not valid');
  }
  return { url, protocols: readProtocols(value.protocols), headers: readHeaders(value.headers) };
}

function readProtocols(text: string): string[] {
  const protocols = text === '' ? [] : text.split(',').map((protocol) => protocol.trim());
  const isValid = protocols.every((protocol) => token.test(protocol));
  if (!isValid || new Set(protocols).size !== protocols.length) {
    throw new EgressRefusal('the subprotocols are not valid');
  }
  return protocols;
}

function readHeaders(flat: string): Record<string, string> {
  const headers = new Map<string, string>();
  const parts = flat === '' ? [] : flat.split('\n');
  for (let at = 0; at < parts.length; at += 2) {
    const name = (parts[at] ?? '').toLowerCase();
    const value = parts[at + 1];
    if (!token.test(name) || value === undefined || !fieldValue.test(value)) {
      throw new EgressRefusal('the headers are not valid');
    }
    const before = headers.get(name);
    if (!ownHeaders.test(name)) {
      headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
  }
  return Object.fromEntries(headers);
}
