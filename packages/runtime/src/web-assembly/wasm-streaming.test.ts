import { describe, expect, it } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

/** A module that exports `answer`, which returns 42. */
const prelude = `
  const code = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 10, 1,
    6, 97, 110, 115, 119, 101, 114, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11);
  const wasm = (body, type = 'application/wasm', status = 200) =>
    new Response(body, { status, headers: { 'content-type': type } });
  const pieces = (...chunks) => new ReadableStream({
    start(controller) { for (const chunk of chunks) controller.enqueue(chunk); controller.close(); },
  });
`;

describe('WebAssembly', () => {
  it('compiles and instantiates what streams in', async () => {
    const seen = await evaluateInIsolate(`${prelude}
      const module = await WebAssembly.compileStreaming(wasm(code));
      const streamed = wasm(pieces(code.slice(0, 9), code.slice(9)), ' Application/WASM ');
      const { instance, module: second } = await WebAssembly.instantiateStreaming(Promise.resolve(streamed));
      return [module instanceof WebAssembly.Module, second instanceof WebAssembly.Module,
        instance.exports.answer(), streamed.bodyUsed, WebAssembly.compileStreaming.length,
        Object.keys(Object.getOwnPropertyDescriptor(WebAssembly, 'instantiateStreaming')).length];
    `);
    expect(seen).toEqual([true, true, 42, true, 1, 4]);
  });

  it('refuses everything but a good response of the right type', async () => {
    const seen = await evaluateInIsolate(`${prelude}
      const used = wasm(code);
      await used.text();
      const attempts = [code, undefined, wasm(code, 'application/wasm;x=1'), wasm(code, 'text/plain'),
        wasm(code, 'application/wasm', 404), used, wasm(pieces('text')), Promise.reject(new RangeError('x')),
        wasm('nonsense'), wasm(null)];
      const results = [];
      for (const source of attempts) {
        results.push(await WebAssembly.compileStreaming(source).then(() => 'ok', (error) => error.name));
      }
      const imports = await WebAssembly.instantiateStreaming(wasm(code), 1).catch((error) => error.name);
      return [...results, imports];
    `);
    expect(seen).toEqual([
      ...Array.from({ length: 7 }, () => 'TypeError'),
      'RangeError',
      'CompileError',
      'CompileError',
      'TypeError',
    ]);
  });

  it('stops reading a module without end', async () => {
    const seen = await evaluateInIsolate(`${prelude}
      let cancelled = 'no';
      const endless = new ReadableStream({
        pull(controller) { controller.enqueue(new Uint8Array(4 * 1024 * 1024)); },
        cancel(reason) { cancelled = reason.name; },
      });
      const error = await WebAssembly.compileStreaming(wasm(endless)).catch((reason) => reason.message);
      return [error, cancelled];
    `);
    expect(seen).toEqual(['WebAssembly: the module has more than 67108864 bytes', 'TypeError']);
  });
});
