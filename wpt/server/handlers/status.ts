import type { Exchange, Handlers, Reply } from '../exchange.ts';

/** Answer with what the query asks for. */
export const statusHandlers: Handlers = {
  '/fetch/api/resources/status.py': answerStatus,
  '/xhr/resources/status.py': answerStatus,
  '/wasm/webapi/status.py': ({ query }) => ({
    status: Number(query.get('status')),
    headers: [['Content-Type', 'application/wasm']],
    body: '\0asm\x01\0\0\0',
  }),
  '/fetch/api/resources/script-with-header.py': ({ query }) => ({
    headers: [['Content-type', query.get('mime') ?? '']],
    body: query.get('content') === 'empty' ? '' : "console.log('Script loaded')",
  }),
  '/xhr/resources/parse-headers.py': ({ query }) => {
    const value = query.get('my-custom-header');
    return { headers: value === undefined ? [] : [['My-Custom-Header', value]] };
  },
};

function answerStatus({ method, query }: Exchange): Reply {
  return {
    status: Number(query.get('code') ?? 200),
    statusText: query.get('text') ?? 'OMG',
    headers: [
      ['Content-Type', query.get('type') ?? ''],
      ['X-Request-Method', method],
    ],
    body: query.get('content') ?? '',
  };
}
