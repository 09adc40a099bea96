import type { CompatCases } from '../compat-case.ts';

export const eventCases: CompatCases = {
  'listeners run in order, once and removed': `(() => { const t = new EventTarget(); const seen = []; const f = () => seen.push('f'); t.addEventListener('x', f); t.addEventListener('x', f); t.addEventListener('x', () => seen.push('once'), { once: true }); t.dispatchEvent(new Event('x')); t.removeEventListener('x', f); t.dispatchEvent(new Event('x')); return seen; })()`,
  'an object as listener': `(() => { const t = new EventTarget(); let seen; t.addEventListener('x', { handleEvent(e) { seen = e.type; } }); t.dispatchEvent(new Event('x')); return seen; })()`,
  'preventDefault and cancelable': `(() => { const t = new EventTarget(); t.addEventListener('x', (e) => e.preventDefault()); return [t.dispatchEvent(new Event('x', { cancelable: true })), t.dispatchEvent(new Event('x'))]; })()`,
  stopImmediatePropagation: `(() => { const t = new EventTarget(); let n = 0; t.addEventListener('x', (e) => { n += 1; e.stopImmediatePropagation(); }); t.addEventListener('x', () => { n += 10; }); t.dispatchEvent(new Event('x')); return n; })()`,
  'a listener bound to a signal': `(() => { const t = new EventTarget(); const c = new AbortController(); let n = 0; t.addEventListener('x', () => { n += 1; }, { signal: c.signal }); t.dispatchEvent(new Event('x')); c.abort(); t.dispatchEvent(new Event('x')); return n; })()`,
  'CustomEvent has its detail': `new CustomEvent('x', { detail: { a: 1 } }).detail`,
  'AbortSignal.abort has a reason': `AbortSignal.abort().reason.name`,
  'AbortSignal.timeout': `(async () => { const s = AbortSignal.timeout(1); await new Promise((r) => s.addEventListener('abort', r)); return s.reason.name; })()`,
  'AbortSignal.any': `(() => { const c = new AbortController(); const s = AbortSignal.any([c.signal, new AbortController().signal]); c.abort('why'); return [s.aborted, s.reason]; })()`,
  throwIfAborted: `tryOut(() => AbortSignal.abort(new RangeError('x')).throwIfAborted())`,
  'DOMException names and codes': `(() => { const e = new DOMException('m', 'AbortError'); return [e.name, e.code, e.message, e instanceof Error]; })()`,
  'microtasks before timers': `(async () => { const order = []; setTimeout(() => order.push('timer')); queueMicrotask(() => order.push('microtask')); await new Promise((r) => setTimeout(r, 5)); return order; })()`,
  'clearTimeout of nonsense': `[clearTimeout(undefined), clearTimeout(12345)].map(String)`,
  'setInterval repeats': `new Promise((r) => { let n = 0; const id = setInterval(() => { n += 1; if (n === 3) { clearInterval(id); r(n); } }, 1); })`,
  'MessageChannel delivers a clone': `(async () => { const { port1, port2 } = new MessageChannel(); const got = new Promise((r) => { port2.onmessage = (e) => r(e.data); }); port1.postMessage({ a: new Map([[1, 2]]) }); return (await got).a.get(1); })()`,
  'WebSocketPair talks to itself': `(async () => { const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const got = new Promise((r) => b.addEventListener('message', (e) => r(e.data))); a.send('hello'); return got; })()`,
};
