import { describe, expect, test } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

describe('a document that comes in pieces', () => {
  test('is read no further than somebody reads what becomes of it', async () => {
    expect(
      await evaluateInIsolate(`
        let pulled = 0;
        const source = new ReadableStream({ pull(c) {
          pulled += 1; c.enqueue(new TextEncoder().encode('<p>' + 'x'.repeat(1000) + '</p>')); } },
          { highWaterMark: 0 });
        const reader = new HTMLRewriter().on('p', { element(e) { e.append('!'); } })
          .transform(new Response(source)).body.getReader();
        await new Promise((resolve) => setTimeout(resolve, 5));
        const before = pulled;
        await reader.read(); await reader.read();
        await new Promise((resolve) => setTimeout(resolve, 5));
        return [before, pulled <= 3];`),
    ).toEqual([0, true]);
  });

  test('is handled in pieces of 64 KiB when it comes at once', async () => {
    expect(
      await evaluateInIsolate(`
        const seen = [];
        const response = new HTMLRewriter().on('p', { text(t) { seen.push(t.text.length); } })
          .transform(new Response('<p>' + 'x'.repeat(300_000)));
        const reader = response.body.getReader();
        await reader.read();
        const first = seen.length;
        while (!(await reader.read()).done);
        return [first, Math.max(...seen), seen.reduce((a, b) => a + b)];`),
    ).toEqual([1, 65_536, 300_000]);
  });

  test('is cancelled at its source when nobody wants the rest, or a handler throws', async () => {
    expect(
      await evaluateInIsolate(`
        const reasons = [];
        const rewrite = (handler) => new HTMLRewriter().on('p', { element: handler }).transform(
          new Response(new ReadableStream({
            pull(c) { c.enqueue(new TextEncoder().encode('<p>x')); },
            cancel(reason) { reasons.push(String(reason)); },
          })));
        await rewrite(() => {}).body.cancel('enough');
        const thrown = await rewrite(() => { throw new Error('boom'); }).text().catch(String);
        const rejected = await rewrite(async () => { throw new Error('late'); }).text().catch(String);
        return [reasons, thrown, rejected];`),
    ).toEqual([['enough', 'Error: boom', 'Error: late'], 'Error: boom', 'Error: late']);
  });

  test('is what it was when it came, whatever becomes of the chunk while a handler waits', async () => {
    expect(
      await evaluateInIsolate(`
        const chunk = new TextEncoder().encode('<p></p><b>kept</b>');
        const source = new ReadableStream({ start(c) { c.enqueue(chunk); c.close(); } });
        return new HTMLRewriter().on('p', { async element() { await 1; chunk.fill(0x21); } })
          .transform(new Response(source)).text();`),
    ).toBe('<p></p><b>kept</b>');
  });

  test('is held while a handler waits', async () => {
    expect(
      await evaluateInIsolate(`
        const order = [];
        const text = await new HTMLRewriter().on('p', { async element(e) {
          order.push('start ' + e.getAttribute('n'));
          await new Promise((resolve) => setTimeout(resolve, 2));
          order.push('end ' + e.getAttribute('n')); e.replace('r');
        } }).transform(new Response('<p n=1></p><p n=2></p>')).text();
        return [text, order];`),
    ).toEqual(['rr', ['start 1', 'end 1', 'start 2', 'end 2']]);
  });
});

describe('bounds', () => {
  const failing = (produce: string): Promise<unknown> =>
    evaluateInIsolate(`
      let count = 0;
      const encoder = new TextEncoder();
      const source = new ReadableStream({ pull(c) {
        count += 1; if (count > 200) c.close(); else c.enqueue(encoder.encode(${produce})); } });
      const body = new HTMLRewriter().on('never', { element() {} }).transform(new Response(source)).body;
      try { for await (const piece of body); return 'complete'; } catch (error) { return String(error); }`);

  test.each([
    ['a tag', `count === 1 ? '<a ' : 'x'.repeat(65_536)`],
    ['a value', `count === 1 ? '<a b="' : '>'.repeat(65_536)`],
    ['a comment', `count === 1 ? '<!--' : '-'.repeat(65_536)`],
    ['a doctype', `count === 1 ? '<!doctype ' : 'x'.repeat(65_536)`],
  ])('%s that never ends is not held without end', async (_name, produce) => {
    expect(await failing(produce)).toContain('larger than 1 MiB');
  });

  test('text and scripts that never end pass', async () => {
    expect(await failing(`count === 1 ? '<script>' : 'x'.repeat(65_536)`)).toBe('complete');
    expect(await failing(`'x'.repeat(65_536)`)).toBe('complete');
  });

  test('elements that are never closed are not kept without end', async () => {
    expect(await failing(`'<i>'.repeat(1_000)`)).toContain('50000 elements are open');
  });

  test.each([
    ['a selector', `new HTMLRewriter().on('a'.repeat(5_000), {})`, 'too long'],
    [
      'handlers',
      `const r = new HTMLRewriter(); for (let i = 0; i < 1_001; i += 1) r.on('a', {});`,
      'too many handlers',
    ],
  ])('%s beyond any use are refused', async (_name, code, message) => {
    await expect(evaluateInIsolate(code)).rejects.toThrow(message);
  });
});

describe('what it takes and gives', () => {
  test('a response whose body was read is refused; its own body is used from then on', async () => {
    expect(
      await evaluateInIsolate(`
        const response = new Response('<p>');
        const rewritten = new HTMLRewriter().transform(response);
        const again = (() => { try { new HTMLRewriter().transform(response); } catch (e) { return String(e); } })();
        return [response.bodyUsed, again.includes('already been used'), await rewritten.text()];`),
    ).toEqual([true, true, '<p>']);
  });

  test('other encodings keep their bytes, and get what is new as references', async () => {
    expect(
      await evaluateInIsolate(`
        const bytes = new Uint8Array([0x3c, 0x70, 0x3e, 0xe9, 0x3c, 0x2f, 0x70, 0x3e]);
        const texts = [];
        const response = new HTMLRewriter().on('p', { text(t) { texts.push(t.text); }, element(e) { e.append('\\u20ac\\u{1f600}'); } })
          .transform(new Response(bytes, { headers: { 'content-type': 'text/html; charset=ISO-8859-1' } }));
        return [Array.from(await response.bytes(), (b) => String.fromCharCode(b)).join(''), texts];`),
    ).toEqual(['<p>\u00e9&#8364;&#128512;</p>', ['\u00e9', '']]);
    await expect(
      evaluateInIsolate(
        `new HTMLRewriter().transform(new Response('', { headers: { 'content-type': 'text/html; charset=utf-16' } }))`,
      ),
    ).rejects.toThrow('utf-16 does not contain ASCII');
  });
});
