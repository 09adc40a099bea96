import { expect, test } from 'vitest';
import { bundleForTest } from '../testing/bundle.ts';
import { TestIsolate } from '../testing/isolate-driver.ts';
import { attackWorker } from './attack-worker.ts';

const lateNames = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'ByteLengthQueuingStrategy',
  'CloseEvent',
  'CompressionStream',
  'CountQueuingStrategy',
  'CustomEvent',
  'DOMException',
  'DecompressionStream',
  'ErrorEvent',
  'Crypto',
  'CryptoKey',
  'Event',
  'EventTarget',
  'File',
  'FixedLengthStream',
  'FormData',
  'IdentityTransformStream',
  'EventSource',
  'MessageChannel',
  'PerformanceEntry',
  'PerformanceMark',
  'PerformanceMeasure',
  'URLPattern',
  'MessageEvent',
  'MessagePort',
  'Navigator',
  'Performance',
  'PromiseRejectionEvent',
  'QuotaExceededError',
  'ReadableStream',
  'ReadableStreamDefaultController',
  'ReadableStreamDefaultReader',
  'SubtleCrypto',
  'TextDecoder',
  'TextDecoderStream',
  'TextEncoder',
  'TextEncoderStream',
  'TransformStream',
  'TransformStreamDefaultController',
  'URL',
  'URLSearchParams',
  'WebSocket',
  'WebSocketPair',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
  'atob',
  'btoa',
  'crypto',
  'navigator',
  'performance',
  'structuredClone',
];

const exercise = `
  show(request); show(ctx); show(env); show(request.cf);
  const bytes = (text) => new TextEncoder().encode(text);
  console.log('%s %o', 'a', { b: [1, new Map([[1, 2]])] }, new Error('x', { cause: 1 }), class A {});
  console.table([{ a: 1 }]); console.group('g'); console.count(); console.time('t'); console.timeEnd('t'); console.trace('t');
  request.headers.get('a'); show(request.headers.entries()).next(); show(request.signal);
  const headers = new Headers({ a: '1', 'set-cookie': 'x' });
  headers.append('b', '2'); headers.set('a', '3'); headers.delete('b'); headers.forEach(() => {}); headers.getSetCookie();
  for (const pair of headers) void pair;
  const text = await request.clone().text();
  await new Response(text).json().catch(() => {});
  await Response.json({ a: 1 }).text();
  Response.redirect('http://a.test/'); Response.error();
  await new Response(new Blob(['a', bytes('b')])).arrayBuffer();
  await new Response('a=b', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData();
  const form = new FormData(); form.append('f', new File(['x'], 'n')); await new Response(form).formData();
  await new Response(new URLSearchParams('a=b&c=d')).blob();
  const url = new URL('../x?y=1#z', 'http://user@a.test:81/b/c'); url.searchParams.append('k', 'v'); url.host = 'b.test';
  show(url.searchParams.entries()).next();
  new Request('http://c.test/', { method: 'POST', body: 'x', headers: { a: 'b' }, signal: AbortSignal.timeout(1000) });
  const fetched = await fetch('http://a.test/redirect', { method: 'POST', body: 'x', headers: { cookie: 'a' } });
  show(fetched); await fetched.text(); await fetch('http://a.test/broken').catch(() => {});
  const upload = new ReadableStream({ start(c) { c.enqueue(bytes('up')); c.close(); } });
  await (await fetch('http://a.test/', { method: 'POST', body: upload, duplex: 'half' })).body.getReader().read();
  await fetch('http://a.test/', { signal: AbortSignal.abort() }).catch(() => {});
  await (await fetch('data:text/plain;base64,YQ==')).text();
  { const stop = new AbortController(); const late = fetch('http://a.test/', { signal: stop.signal }); stop.abort(); await late.catch(() => {}); }
  const source = new ReadableStream({ start(c) { show(c); c.enqueue(bytes('1')); c.enqueue(bytes('2')); c.close(); } });
  const [left, right] = source.tee();
  const transform = new TransformStream({ start(c) { show(c); }, transform(chunk, c) { c.enqueue(chunk); }, flush() {} });
  const sink = new WritableStream({ start(c) { show(c); }, write() {}, close() {} });
  await left.pipeThrough(transform).pipeTo(sink, { signal: new AbortController().signal });
  await ReadableStream.from(['a', '\\ud83d', '\\ude00']).pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream());
  const coder = new CompressionStream('gzip'); const coding = coder.writable.getWriter().write(bytes('x')).catch(() => {}); await coder.readable.getReader().read().catch(() => {}); await coding;
  const iterator = show(right[Symbol.asyncIterator]()); await iterator.next(); await iterator.return();
  const writer = new TransformStream().writable.getWriter(); writer.write('x').catch(() => {}); await writer.abort('r');
  await ReadableStream.from([1, 2]).getReader().read();
  await ReadableStream.from(show((async function* () { yield 1; })())).cancel();
  addEventListener('error', (event) => { show(event); event.preventDefault(); }); reportError(new Error('r')); onerror = () => true; reportError('s'); onerror = null;
  const pattern = new URLPattern('https://*.h.test/:a(x|y)?/{b:c}*#d', { ignoreCase: true }); show(pattern.pathname); show(pattern.exec('https://i.h.test/x/bz#d'));
  show(performance.mark('m', { startTime: 1, detail: { a: [1] } })); show(performance.measure('n', { start: 'm', duration: 2 })); show(performance.getEntries().length); performance.clearMarks(); performance.clearMeasures();
  const events = new EventSource('data:text/event-stream,id:1%0Adata:a%0A%0A'); show((await new Promise((resolve) => { events.onmessage = resolve; })).data); events.close();
  const code = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0); await WebAssembly.instantiateStreaming(new Response(code, { headers: { 'content-type': 'application/wasm' } }));
  const channel = new MessageChannel(); show(channel.port1); const heard = new Promise((resolve) => { channel.port2.onmessage = resolve; });
  const inner = new MessageChannel(); channel.port1.postMessage({ a: [1], port: inner.port1 }, [inner.port1]); show((await heard).ports); channel.port1.close();
  const target = new EventTarget(); target.addEventListener('e', () => {}, { once: true }); target.dispatchEvent(new CustomEvent('e', { detail: 1 }));
  new MessageEvent('m', { data: 1, ports: [target] }).ports; new CloseEvent('c', { code: 1 });
  const [near, far] = Object.values(show(new WebSocketPair()));
  near.accept(); far.accept(); near.onclose = (e) => show(e); far.onmessage = (e) => { show(e); far.send(e.data); far.binaryType = 'blob'; };
  near.addEventListener('message', (e) => { show(e.data); near.close(4000, 'x'); }); near.send(bytes('m')); near.send(new Blob(['b']));
  try { new WebSocket('bad'); } catch {}
  const outside = new WebSocket('wss://a.test/', ['p', 'q']); outside.onerror = (e) => show(e); outside.close();
  try { new Response(null, { status: 101, webSocket: near }).clone(); } catch {}
  const controller = new AbortController(); controller.signal.onabort = () => {}; AbortSignal.any([controller.signal]); controller.abort();
  try { new DOMException('m', 'AbortError').code; throw new QuotaExceededError('q'); } catch {}
  new TextDecoder('utf-16le').decode(new Uint8Array([65, 0])); new TextDecoder().decode(bytes('é'), { stream: true });
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => { const id = setInterval(() => { clearInterval(id); resolve(); }, 1); });
  await new Promise((resolve) => queueMicrotask(resolve)); await scheduler.wait(1); setImmediate(() => {});
  atob(btoa('x')); structuredClone({ a: [1, new Map([[1, new Date()]]), new Uint8Array(2), new Error('e')] });
  crypto.getRandomValues(new Uint8Array(4)); crypto.randomUUID(); await crypto.subtle.digest('SHA-256', bytes('x'));
  const gcm = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: bytes('a') };
  const { subtle } = crypto;
  const key = show(await subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', true, ['encrypt', 'decrypt', 'wrapKey']));
  show(key.algorithm); show(key.usages); show(structuredClone(key)); key.type; key.extractable;
  await subtle.decrypt(gcm, key, await subtle.encrypt(gcm, key, bytes('x')));
  await subtle.generateKey({ name: 'HMAC', hash: { name: 'SHA-256' } }, true, ['sign']);
  await subtle.importKey('jwk', { kty: 'oct', k: 'AA', key_ops: ['sign'], oth: [] }, 'AES-GCM', true, ['encrypt']);
  show(await subtle.exportKey('jwk', key)); await subtle.exportKey('raw', key);
  await subtle.wrapKey('raw', key, key, gcm); await subtle.unwrapKey('raw', bytes('x'), key, gcm, 'AES-GCM', true, ['encrypt']);
  await subtle.verify('HMAC', key, bytes('x'), bytes('y')).catch(() => {}); await subtle.sign('x', key, bytes('y')).catch(() => {});
  const hashing = show(new (show(crypto.DigestStream))('SHA-256')); hashing.bytesWritten;
  const hashed = hashing.getWriter(); await hashed.write('x'); await hashed.close(); show(await hashing.digest);
  subtle.timingSafeEqual(bytes('x'), bytes('y'));
  performance.now(); performance.timeOrigin; navigator.userAgent;
  new FixedLengthStream(1).writable.getWriter().write(bytes('x')).catch(() => {});
  let shownTokens = 0;
  const token = (value) => (shownTokens++ < 40 ? show(value) : value);
  const rewriter = new HTMLRewriter()
    .on('div > p.a:not([b]):nth-of-type(2n+1), *', {
      element(e) { token(e); token(e.attributes).next(); e.setAttribute('x', '"'); e.getAttribute('class'); e.before('<'); e.prepend('p'); e.append('a'); e.after('c', { html: true }); if (e.tagName !== 'br' && e.tagName !== 'g') e.onEndTag((t) => { token(t); t.name = 'q'; t.after('x'); }); },
      async text(t) { token(t); t.before(t.text); }, comments(c) { token(c); c.text = 'new'; } })
    .onDocument({ doctype(d) { token(d); d.name; }, end(e) { token(e); e.append('end'); } });
  await rewriter.transform(new Response('<!doctype html><div><p class=a>x<br>\u00e9</p><!--c--><svg><g/></svg><script><!--</script></div>')).text();
  caches.default.match('http://a.test/').catch(() => {}); (await caches.open('n')).put('http://a.test/', new Response('x')).catch(() => {}); await caches.keys().catch(() => {});
  addEventListener('fetch', () => {}); removeEventListener('fetch', () => {});
  ctx.waitUntil(Promise.resolve()); ctx.waitUntil({ then(resolve) { resolve(); } }); void ctx.props;
  reportError(new Error('reported'));
`;

/** Every property name in the runtime's script; minifying leaves them as they are. */
function propertyNames(): string[] {
  const names = new Set(
    [...bundleForTest().matchAll(/[.{,](?:get |set )?([A-Za-z_$][\w$]*)/g)].map(
      ([, name = '']) => name,
    ),
  );
  return [...names].filter((name) => name.length > 1 && !(name in Object.prototype));
}

interface Report {
  failure: string;
  seen: number;
  strangers: object;
}

async function attack(patchConstructors: boolean) {
  const isolate = await TestIsolate.start({
    source: attackWorker({
      propertyNames: propertyNames(),
      patchConstructors,
      lateNames,
      exercise,
    }),
    env: [{ key: 'A', kind: 'text', value: 'b' }],
    options: { maxTimers: 1000, maxLogLines: 1000, maxLogLineBytes: 1_000_000 },
  });
  const event = await isolate.fetch({
    method: 'POST',
    headers: [['a', 'b']],
    body: ['{"x":', '1}'],
  });
  const lines = isolate.logs.map(({ text }) => text.trimStart());
  isolate.dispose();
  const report = lines.find((line) => line.startsWith('REPORT '))?.slice('REPORT '.length);
  const escapes = lines.filter((line) => line.startsWith('PWNED'));
  return { event, report: JSON.parse(report ?? 'null') as Report, escapes };
}

test('patched built-ins show nothing of the runtime, and it goes on working', async () => {
  const { event, report, escapes } = await attack(false);
  expect(report.failure).toBe('');
  expect(report.strangers).toEqual({});
  // Otherwise the patches did not watch.
  expect(report.seen).toBeGreaterThan(300);
  expect(escapes).toEqual([]);
  expect(event.text).toBe('done');
});

test('patched constructors and species show nothing of the runtime', async () => {
  const { report, escapes } = await attack(true);
  expect(report.strangers).toEqual({});
  expect(report.seen).toBeGreaterThan(300);
  expect(escapes).toEqual([]);
});
