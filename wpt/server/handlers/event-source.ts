import { setTimeout as delay } from 'node:timers/promises';
import type { Handlers } from '../exchange.ts';

const eventStream = ['Content-Type', 'text/event-stream'] as const;

/** An id persists, is reset, is reset without a colon. */
const idLessons: Readonly<Record<number, string>> = {
  1: 'id: 1\ndata: 1\n\ndata: 2\n\nid: 2\ndata:3\n\ndata:4\n\n',
  2: 'id: 1\ndata: 1\n\nid:\ndata:2\n\ndata:3\n\n',
  3: 'id: 1\ndata: 1\n\nid\ndata:2\n\ndata:3\n\n',
};

/** Send events. */
export const eventSourceHandlers: Handlers = {
  '/eventsource/resources/message.py': async ({ query }) => {
    await delay(Number(query.get('sleep') ?? 0));
    const newline = query.get('newline') === 'none' ? '' : '\n\n';
    return {
      headers: [['Content-Type', query.get('mime') ?? 'text/event-stream']],
      body: `${query.get('message') ?? 'data: data'}${newline}\n`,
    };
  },
  '/eventsource/resources/message2.py': () => ({
    headers: [eventStream, ['Cache-Control', 'no-cache']],
    body: strangeEvents(),
  }),
  '/eventsource/resources/status-error.py': ({ query }) => {
    const status = Number(query.get('status') ?? 404);
    const hasBody = status !== 204 && status !== 205;
    return {
      status,
      statusText: 'HAHAHAHA',
      headers: [eventStream],
      body: hasBody ? 'data: data\n\n' : '',
    };
  },
  '/eventsource/resources/last-event-id.py': ({ query, header }) => {
    const last = header('Last-Event-ID') ?? '';
    // The default is an ellipsis, in UTF-8.
    const id = query.get('idvalue') ?? '\xe2\x80\xa6';
    const body = last === '' ? `id: ${id}\nretry: 200\ndata: hello\n\n` : `data: ${last}\n\n`;
    return { headers: [eventStream], body };
  },
  '/eventsource/resources/last-event-id2.py': ({ query }) => ({
    headers: [eventStream],
    body: idLessons[Number(query.get('type') ?? 1)] ?? 'data: invalid_test\n\n',
  }),
  // Asked for nothing else by the tests that run here.
  '/eventsource/resources/cors.py': ({ header }) => ({
    headers: [eventStream, ['Access-Control-Allow-Origin', '*']],
    body: `data: ${header('cache-control') ?? ''}\n\n`,
  }),
};

async function* strangeEvents(): AsyncGenerator<string> {
  for (;;) {
    yield 'data:msg\ndata: msg\n\n:\nfalsefield:msg\n\nfalsefield:msg\nData:data\n\ndata\n\ndata:end\n\n';
    await delay(2000);
  }
}
