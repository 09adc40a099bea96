import type { CompatCases } from '../compat-case.ts';

export const streamCases: CompatCases = {
  'pipeThrough a TransformStream': `(async () => { const out = []; const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }); for await (const x of s.pipeThrough(new TransformStream({ transform(x, c) { c.enqueue(x * 2); } }))) out.push(x); return out; })()`,
  'tee gives both the chunks': `(async () => { const [a, b] = new ReadableStream({ start(c) { c.enqueue(new Uint8Array([65])); c.close(); } }).tee(); return [await textOf(a), await textOf(b)]; })()`,
  'ReadableStream.from': `(async () => { const out = []; for await (const x of ReadableStream.from(['a', 'b'])) out.push(x); return out; })()`,
  'reading after an error': `(async () => { const s = new ReadableStream({ start(c) { c.error(new RangeError('x')); } }); return settle(s.getReader().read()); })()`,
  'cancel tells the source': `(async () => { let seen; const s = new ReadableStream({ cancel(reason) { seen = reason; } }); await s.cancel('why'); return seen; })()`,
  'BYOB reader fills a view': `(async () => { const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close(); } }); const r = s.getReader({ mode: 'byob' }); const { value } = await r.read(new Uint8Array(2)); return bytesOf(value); })()`,
  'BYOB reader on an ordinary stream': `tryOut(() => new ReadableStream().getReader({ mode: 'byob' }))`,
  'a second reader is refused': `tryOut(() => { const s = new ReadableStream(); s.getReader(); s.getReader(); })`,
  'desiredSize follows the strategy': `(() => { let size; new ReadableStream({ start(c) { c.enqueue('abc'); size = c.desiredSize; } }, { highWaterMark: 10, size: (x) => x.length }); return size; })()`,
  'WritableStream collects': `(async () => { const out = []; const w = new WritableStream({ write(x) { out.push(x); } }).getWriter(); w.write(1); w.write(2); await w.close(); return out; })()`,
  'writer.ready waits for back-pressure': `(async () => { const w = new WritableStream({ write() { return new Promise(() => {}); } }).getWriter(); w.write(1); return w.desiredSize; })()`,
  'pipeTo with an aborted signal': `settle(new ReadableStream().pipeTo(new WritableStream(), { signal: AbortSignal.abort() }))`,
  'FixedLengthStream checks the length': `(async () => { const { readable, writable } = new FixedLengthStream(2); const w = writable.getWriter(); w.write(new Uint8Array(3)).catch(() => {}); w.close().catch(() => {}); return settle(textOf(readable)); })()`,
  'TextEncoderStream and TextDecoderStream': `(async () => { const t = new ReadableStream({ start(c) { c.enqueue('ä'); c.close(); } }).pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream()); const out = []; for await (const x of t) out.push(x); return out.join(''); })()`,
  'CompressionStream and back': `(async () => textOf(new Blob(['hello hello hello']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))))()`,
  'DecompressionStream of nonsense': `settle(textOf(new Blob(['nonsense']).stream().pipeThrough(new DecompressionStream('gzip'))))`,
};
