import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';
import { EventStreamParser } from './event-stream-parser.ts';

function parse(pieces: readonly string[]): unknown[] {
  const seen: unknown[] = [];
  const parser = new EventStreamParser('', {
    event: ({ type, data, lastEventId }) => {
      if (type !== '') seen.push([type, data, lastEventId]);
    },
    retry: (delayMs) => seen.push(delayMs),
    overflow: () => seen.push('overflow'),
  });
  for (const piece of pieces) parser.push(piece);
  return seen;
}

describe('an event stream', () => {
  it.each([
    ['data: a\ndata:b\n\n', [['message', 'a\nb', '']]],
    ['data\n\ndata\ndata\n\n', [['message', '', ''], ['message', '\n', '']]], // prettier-ignore
    ['\ufeffdata:  a\r\rdata:b\r\n\r\n', [['message', ' a', ''], ['message', 'b', '']]], // prettier-ignore
    ['event: x\ndata:1\n\ndata:2\n\n', [['x', '1', ''], ['message', '2', '']]], // prettier-ignore
    ['id: 7\ndata:1\n\nid:a\0b\ndata:2\n\nid\ndata:3\n\n', [['message', '1', '7'], ['message', '2', '7'], ['message', '3', '']]], // prettier-ignore
    ['event: x\n\n: comment\nother: 1\nDATA:1\ndata:a', []],
    ['retry: 50\nretry: -1\nretry: 1x\nretry\n', [50]],
  ])('%j is what the standard says', (text, expected) => {
    expect(parse([text])).toEqual(expected);
  });

  it('is the same however it is cut', () => {
    const line = fc.constantFrom('data', 'data:', ':', 'id: 1', 'event: e', 'retry: 1', 'x', '');
    const end = fc.constantFrom('\n', '\r', '\r\n');
    const text = fc
      .array(fc.tuple(line, end), { maxLength: 12 })
      .map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const places = [...new Set([0, ...cuts, whole.length])].sort((a, b) => a - b);
        const pieces = places.map((place, i) => whole.slice(place, places[i + 1]));
        expect(parse(pieces)).toEqual(parse([whole]));
      }),
      { numRuns: 10_000 },
    );
  });

  it('may not have endless lines or events', () => {
    const half = 'x'.repeat(600_000);
    expect(parse([half, half, '\n'])).toEqual(['overflow']);
    expect(parse([`data:${half}\n`, `data:${half}\n\n`])).toEqual(['overflow']);
  });
});

const listen = `
  const listen = (url) => new Promise((resolve) => {
    const source = new EventSource(url);
    const seen = [];
    for (const type of ['open', 'message', 'other', 'error']) {
      source.addEventListener(type, (event) => {
        seen.push([type, source.readyState, event.data, event.lastEventId, event.origin]);
        if (type === 'error') { source.close(); resolve([...seen, source.readyState]); }
      });
    }
  });
`;

describe('EventSource', () => {
  it('tells events, and closes when it is told to', async () => {
    const seen = await evaluateInIsolate(`${listen}
      return listen('data:text/event-stream;charset=utf-8,id:1%0Adata:a%0A%0Aevent:other%0Adata:%C3%BC%0A%0A');
    `);
    expect(seen).toEqual([
      ['open', 1, null, null, null],
      ['message', 1, 'a', '1', 'null'],
      ['other', 1, 'ü', '1', 'null'],
      ['error', 0, null, null, null],
      2,
    ]);
  });

  it('connects again, with the id of the last event', async () => {
    const seen = await evaluateInIsolate(`
      return new Promise((resolve) => {
        const source = new EventSource('http://origin.test/events');
        const seen = [];
        source.onopen = () => seen.push('open');
        source.onerror = () => seen.push('error ' + source.readyState);
        source.onmessage = ({ data, origin }) => {
          seen.push(data + ' ' + origin);
          if (seen.length < 7) return;
          source.close();
          resolve(seen);
        };
      });
    `);
    expect(seen).toEqual([
      'open',
      'after 0 http://origin.test',
      'error 0',
      'open',
      'after 1 http://origin.test',
      'error 0',
      'open',
      'after 2 http://origin.test',
    ]);
  });

  it('gives up for good when the answer is no event stream', async () => {
    const seen = await evaluateInIsolate(`${listen}
      const source = new EventSource('data:text/plain,data:x');
      return new Promise((resolve) => {
        source.onerror = () => resolve([source.readyState, source.url, source.withCredentials]);
      });
    `);
    expect(seen).toEqual([2, 'data:text/plain,data:x', false]);
  });

  it('refuses what is no URL, and has the constants of the standard', async () => {
    const seen = await evaluateInIsolate(`
      const attempts = [() => new EventSource('/relative'), () => new EventSource(), () => EventSource('data:,')];
      return attempts.map((run) => { try { run(); } catch (error) { return error.name; } })
        .concat([EventSource.CONNECTING, EventSource.OPEN, EventSource.prototype.CLOSED, EventSource.length]);
    `);
    expect(seen).toEqual(['SyntaxError', 'TypeError', 'TypeError', 0, 1, 2, 1]);
  });

  it('ends with its event: nothing connects again', async () => {
    const source = `let sources = []; export default { async fetch(request) {
      if (request.url.endsWith('/state')) return Response.json(sources.map(({ readyState }) => readyState));
      const source = new EventSource('http://origin.test/events');
      sources.push(source);
      await new Promise((resolve) => { source.onmessage = resolve; });
      return new Response('done');
    } }`;
    const isolate = await TestIsolate.start({ source });
    try {
      await isolate.fetch();
      const event = await isolate.fetch({ url: 'http://worker.test/state' });
      expect(event.json).toEqual([2]);
    } finally {
      isolate.dispose();
    }
  });
});
