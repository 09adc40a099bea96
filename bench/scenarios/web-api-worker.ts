/**
 * A worker that runs `n` rounds of the operation named in its URL (`?op=…&n=…`) and answers with a
 * number that depends on all of them, so that nothing can be optimised away. Runs unchanged in
 * OpenWorkers and in workerd.
 */
export const webApiSource = `
const item = { id: 17, name: 'a name', tags: ['x', 'y', 'z'], nested: { on: true, size: 1.5, none: null } };
const list = Array.from({ length: 100 }, (_, i) => ({ ...item, id: i }));
const listText = JSON.stringify(list);
const ascii = 'The quick brown fox jumps over the lazy dog. '.repeat(364);
const mixed = 'Žluťoučký kůň — 日本語のテキスト 🎉 plain words too. '.repeat(300);
const encoder = new TextEncoder();
const asciiBytes = encoder.encode(ascii);
const mixedBytes = encoder.encode(mixed);
const binary = Array.from({ length: 12288 }, (_, i) => String.fromCharCode((i * 7) & 255)).join('');
const coded = btoa(binary);

const operations = {
  nothing: () => 0,
  'new URL': (i) => new URL('https://user@example.com:8443/a/b/../c/' + i + '?x=1&y=two#part').href.length,
  'URL with relative reference': (i) => new URL('../up/' + i + '?q=1', 'https://example.com/a/b/c').pathname.length,
  'URLSearchParams': (i) => new URLSearchParams('a=1&b=two+words&c=%C3%A9&n=' + i).get('c').length,
  'Headers: build and read': (i) => {
    const headers = new Headers({ accept: '*/*', 'content-type': 'text/plain', 'x-n': String(i) });
    headers.append('vary', 'accept');
    return headers.get('X-N').length + (headers.has('vary') ? 1 : 0);
  },
  'request headers: read': (i, request) => request.headers.get('host').length + (request.headers.get('x-none') ?? '').length,
  'JSON in: response.json()': async () => (await new Response(listText).json()).length,
  'JSON out: Response.json()': async () => (await Response.json(list).text()).length,
  'TextDecoder, 16 KB of ASCII': () => new TextDecoder().decode(asciiBytes).length,
  'TextDecoder, 19 KB of mixed text': () => new TextDecoder().decode(mixedBytes).length,
  'TextEncoder, 16 KB of ASCII': () => encoder.encode(ascii).length,
  'TextEncoder, mixed text': () => encoder.encode(mixed).length,
  'btoa, 12 KB': () => btoa(binary).length,
  'atob, 12 KB': () => atob(coded).length,
  'structuredClone of 100 objects': () => structuredClone(list).length,
  'ReadableStream through TransformStream, 10 chunks': async () => {
    const source = new ReadableStream({ start(c) { for (let k = 0; k < 10; k += 1) c.enqueue(k); c.close(); } });
    let sum = 0;
    for await (const chunk of source.pipeThrough(new TransformStream())) sum += chunk;
    return sum;
  },
  'SHA-256 of 16 KB': async () => (await crypto.subtle.digest('SHA-256', asciiBytes)).byteLength,
  'Event dispatch, 3 listeners': () => {
    const target = new EventTarget();
    let calls = 0;
    for (let k = 0; k < 3; k += 1) target.addEventListener('x', () => { calls += 1; });
    target.dispatchEvent(new Event('x'));
    return calls;
  },
};

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const operation = operations[searchParams.get('op')];
    const rounds = Number(searchParams.get('n'));
    let sum = 0;
    for (let i = 0; i < rounds; i += 1) {
      const value = operation(i, request);
      sum += typeof value === 'number' ? value : await value;
    }
    return new Response(String(sum));
  },
};
`;

/** Operation and rounds in one request: 5 to 40 ms of CPU, below the default limit of a worker. */
export const webApiRounds: readonly (readonly [operation: string, rounds: number])[] = [
  ['new URL', 8000],
  ['URL with relative reference', 8000],
  ['URLSearchParams', 10_000],
  ['Headers: build and read', 5000],
  ['request headers: read', 20_000],
  ['JSON in: response.json()', 150],
  ['JSON out: Response.json()', 150],
  ['TextDecoder, 16 KB of ASCII', 300],
  ['TextDecoder, 19 KB of mixed text', 100],
  ['TextEncoder, 16 KB of ASCII', 300],
  ['TextEncoder, mixed text', 100],
  ['btoa, 12 KB', 200],
  ['atob, 12 KB', 200],
  ['structuredClone of 100 objects', 40],
  ['ReadableStream through TransformStream, 10 chunks', 100],
  ['SHA-256 of 16 KB', 100],
  ['Event dispatch, 3 listeners', 4000],
];
