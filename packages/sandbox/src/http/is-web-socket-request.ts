import type { IncomingMessage } from 'node:http';

/** 16 bytes in base64: RFC 6455 §4.1. */
const keyShape = /^[+/0-9A-Za-z]{22}==$/;

/**
 * Whether a request can be answered with a WebSocket (RFC 6455 §4.2.1). Any other is an ordinary
 * request, whatever it wants to be upgraded to.
 */
export function isWebSocketRequest(request: IncomingMessage): boolean {
  const { headers } = request;
  return (
    request.method === 'GET' &&
    request.httpVersionMajor === 1 &&
    request.httpVersionMinor >= 1 &&
    headers.upgrade?.trim().toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    keyShape.test(headers['sec-websocket-key'] ?? '') &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined
  );
}
