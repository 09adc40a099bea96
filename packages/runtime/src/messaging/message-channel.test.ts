import { describe, expect, it } from 'vitest';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';

describe('MessageChannel', () => {
  it('carries copies in order, as tasks', async () => {
    const seen = await evaluateInIsolate(`
      const { port1, port2 } = new MessageChannel();
      const seen = [];
      const original = { a: [1, new Map([['k', new Date(5)]])] };
      const { promise, resolve } = Promise.withResolvers();
      port2.onmessage = (event) => {
        seen.push([event.data, event.constructor.name, event.target === port2, event.isTrusted, event.ports.length, event.origin]);
        if (seen.length === 3) resolve();
      };
      port1.postMessage('first'); port1.postMessage(original); port1.postMessage(3);
      await null;
      const early = seen.length;
      await promise;
      return [early, seen[0], seen[1][0] === original, seen[1][0].a[1].get('k').getTime(), seen[2][0]];
    `);
    expect(seen).toEqual([0, ['first', 'MessageEvent', true, true, 0, ''], false, 5, 3]);
  });

  it('keeps messages until it is started, and none after close', async () => {
    const seen = await evaluateInIsolate(`
      const { port1, port2 } = new MessageChannel();
      const seen = [];
      port2.addEventListener('message', (event) => seen.push(event.data));
      port2.addEventListener('close', (event) => seen.push(event.type));
      port1.postMessage(1);
      await scheduler.wait(5);
      seen.push('started');
      port2.start();
      port1.postMessage(2);
      await scheduler.wait(5);
      port1.close();
      port1.postMessage(3);
      port2.postMessage(4);
      await scheduler.wait(5);
      return seen;
    `);
    expect(seen).toEqual(['started', 1, 2, 'close']);
  });

  it('transfers ports, buffers and streams', async () => {
    const seen = await evaluateInIsolate(`
      const { port1, port2 } = new MessageChannel();
      const inner = new MessageChannel();
      const buffer = new Uint8Array([1, 2]).buffer;
      const stream = new Blob(['streamed']).stream();
      const received = new Promise((resolve) => { port2.onmessage = resolve; });
      inner.port1.postMessage('waiting');
      port1.postMessage({ port: inner.port2, buffer, stream }, [inner.port2, buffer, stream]);
      const { data, ports } = await received;
      const answered = new Promise((resolve) => { inner.port1.onmessage = resolve; });
      const waiting = new Promise((resolve) => { ports[0].onmessage = resolve; });
      ports[0].postMessage('through');
      return [ports[0] === data.port, data.port === inner.port2, Object.isFrozen(ports), buffer.byteLength, data.buffer.byteLength,
        await new Response(data.stream).text(), (await waiting).data, (await answered).data];
    `);
    expect(seen).toEqual([true, false, true, 0, 2, 'streamed', 'waiting', 'through']);
  });

  it('refuses what the standard refuses', async () => {
    const seen = await evaluateInIsolate(`
      const { port1, port2 } = new MessageChannel();
      const results = [];
      for (const run of [() => port1.postMessage(), () => port1.postMessage(() => {}), () => port1.postMessage(1, [port1]),
        () => port1.postMessage(port2), () => port1.postMessage(1, [{}]), () => port1.postMessage(1, [port2, port2]),
        () => port1.postMessage(1, 7), () => port1.postMessage(1, { transfer: 7 }), () => new MessagePort(), () => structuredClone(port1),
        () => MessagePort.prototype.postMessage.call({}, 1)]) {
        try { run(); results.push('fine'); } catch (error) { results.push(error.name); }
      }
      const clone = structuredClone({ port1 }, { transfer: [port1] }).port1;
      const received = new Promise((resolve) => { port2.onmessage = resolve; });
      clone.postMessage('cloned');
      try { structuredClone(port1, { transfer: [port1] }); } catch (error) { results.push(error.name); }
      return [...results, clone instanceof MessagePort, (await received).data];
    `);
    expect(seen).toEqual([
      'TypeError',
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'DataCloneError',
      'TypeError',
      'TypeError',
      'TypeError',
      'DataCloneError',
      'TypeError',
      'DataCloneError',
      true,
      'cloned',
    ]);
  });

  it('ends with the event that made it; one of the module works for every request', async () => {
    const isolate = await TestIsolate.start({
      source: `
        let kept;
        const channel = new MessageChannel();
        const tasks = [];
        channel.port1.onmessage = () => tasks.shift()();
        const task = () => new Promise((resolve) => { tasks.push(resolve); channel.port2.postMessage(null); });
        export default { async fetch(request) {
          await task();
          if (kept === undefined) {
            kept = new MessageChannel();
            kept.heard = 0;
            kept.port2.onmessage = () => { kept.heard += 1; };
            kept.port1.postMessage('own');
            await scheduler.wait(5);
          } else {
            kept.port1.postMessage('of another event');
            await scheduler.wait(5);
          }
          return new Response(String(kept.heard));
        } }`,
    });
    expect((await isolate.fetch()).text).toBe('1');
    expect((await isolate.fetch()).text).toBe('1');
    isolate.dispose();
  });
});
