import type { CompatCases } from '../compat-case.ts';

export const platformCases: CompatCases = {
  'code from strings is refused': `tryOut(() => new Function('return 1')())`,
  'navigator.userAgent is a text': `typeof navigator.userAgent`,
  'self is the global object': `self === globalThis`,
  'URLPattern matches': `new URLPattern({ pathname: '/a/:id' }).exec('http://h/a/7').pathname.groups.id`,
  'URLPattern normalises': `(() => { const p = new URLPattern('https://EXAMPLE.com:443/a/../:b(\\\\d+)?#*'); return [p.hostname, p.port, p.pathname, p.hash, p.hasRegExpGroups]; })()`,
  'URLPattern ignores case': `new URLPattern({ pathname: '/A' }, { ignoreCase: true }).test('http://h/a')`,
  'URLPattern refuses a relative text': `tryOut(() => new URLPattern('/a'))`,
  'EventSource has its constants': `[EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED]`,
  'EventSource refuses what is no URL': `tryOut(() => new EventSource('/a'))`,
  'performance.mark and measure': `(() => { performance.mark('a', { startTime: 1 }); const m = performance.measure('b', { start: 'a', duration: 2 }); return [m.name, m.startTime, m.duration, performance.getEntriesByType('mark').length]; })()`,
  'performance.measure refuses a missing mark': `tryOut(() => performance.measure('b', 'missing'))`,
  'WebAssembly.compileStreaming is there': `typeof WebAssembly.compileStreaming`,
  'HTMLRewriter rewrites': `(async () => new HTMLRewriter().on('a', { element(e) { e.setAttribute('href', 'x'); } }).transform(new Response('<p><a href="y">t</a></p>')).text())()`,
  'caches.default stores': `(async () => { const c = caches.default; const key = 'http://cache.test/' + Math.random(); await c.put(key, new Response('kept', { headers: { 'cache-control': 'max-age=60' } })); const found = await c.match(key); return [await found.text(), await c.delete(key), await c.match(key) === undefined]; })()`,
  'waitUntil takes a promise': `String(ctx.waitUntil(Promise.resolve()))`,
  'WebAssembly from bytes': `tryOut(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) instanceof WebAssembly.Module)`,
  'Intl formats': `new Intl.NumberFormat('de-DE').format(1234.5)`,
  'reportError does not throw': `String(reportError(new Error('reported')))`,
};
