import type { CompatCases } from '../compat-case.ts';

export const dataCases: CompatCases = {
  'TextDecoder replaces what is invalid': `new TextDecoder().decode(new Uint8Array([0x41, 0xff, 0xe2, 0x82]))`,
  'TextDecoder fatal': `tryOut(() => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])))`,
  'TextDecoder labels': `['latin1', 'UTF8', 'shift_jis', 'utf-16le', 'euc-kr', 'gbk'].map((label) => tryOut(() => new TextDecoder(label).encoding))`,
  'TextDecoder of an unknown label': `tryOut(() => new TextDecoder('nonsense'))`,
  'TextDecoder streaming': `(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac])); })()`,
  'TextEncoder and lone surrogates': `bytesOf(new TextEncoder().encode('\\ud800a'))`,
  'TextEncoder.encodeInto': `(() => { const r = new TextEncoder().encodeInto('aé€', new Uint8Array(4)); return [r.read, r.written]; })()`,
  'atob ignores white space': `atob(' YW Jj ')`,
  'atob refuses nonsense': `tryOut(() => atob('abc=d'))`,
  'btoa refuses beyond Latin-1': `tryOut(() => btoa('€'))`,
  'structuredClone of many things': `(() => { const c = structuredClone({ d: new Date(0), m: new Map([[1, { a: new Set([2]) }]]), r: /x/gi, e: new RangeError('m'), b: 10n, u: undefined, n: new Uint8Array([1]) }); return [c.d.getTime(), c.m.get(1).a.has(2), String(c.r), c.e.name, String(c.b), 'u' in c, c.n[0]]; })()`,
  'structuredClone keeps cycles': `(() => { const a = {}; a.self = a; const c = structuredClone(a); return c.self === c && c !== a; })()`,
  'structuredClone refuses functions': `tryOut(() => structuredClone(() => {}))`,
  'structuredClone transfers': `(() => { const b = new ArrayBuffer(4); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength]; })()`,
  'Blob slices and types': `(async () => { const b = new Blob(['abc', new Uint8Array([100])], { type: 'A/B' }); return [b.size, b.type, await b.slice(1, -1).text(), await b.slice(-2, 9, 'x/y').text()]; })()`,
  'File properties': `(() => { const f = new File(['x'], 'a/b.txt', { lastModified: 5 }); return [f.name, f.size, f.lastModified, f.type]; })()`,
  'FormData order and set': `(() => { const f = new FormData(); f.append('a', '1'); f.append('b', '2'); f.append('a', '3'); f.set('a', '4'); return pairs(f); })()`,
  'FormData of a blob': `(() => { const f = new FormData(); f.append('a', new Blob(['x'])); return [f.get('a') instanceof File, f.get('a').name]; })()`,
};
