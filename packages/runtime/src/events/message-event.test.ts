import { expect, test } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

test('a MessageEvent carries what it was made with', async () => {
  const result = await evaluateInIsolate(`
    const data = { a: 1 };
    const source = new EventTarget();
    const event = new MessageEvent('message', { data, origin: 'o', lastEventId: 'l', source, ports: new Set([source]), cancelable: true });
    const empty = new MessageEvent('x');
    return [event.data === data, event.origin, event.lastEventId, event.source === source, event.ports.length,
      event.ports[0] === source, Object.isFrozen(event.ports), event.ports === event.ports, event.cancelable,
      empty.data, empty.origin, empty.lastEventId, empty.source, empty.ports.length, String(empty), MessageEvent.length];
  `);
  expect(JSON.stringify(result)).toBe(
    '[true,"o","l",true,1,true,true,true,true,null,"","",null,0,"[object MessageEvent]",1]',
  );
});

test('initMessageEvent changes an event that is not being dispatched', async () => {
  const result = await evaluateInIsolate(`
    const event = new MessageEvent('a', { data: 1 });
    const target = new EventTarget();
    target.addEventListener('a', (e) => e.initMessageEvent('b', false, false, 2));
    target.dispatchEvent(event);
    const during = [event.type, event.data];
    event.initMessageEvent('c', true, true, 3, 'o', 'l', null, []);
    return [during, event.type, event.bubbles, event.data, event.origin, event.lastEventId];
  `);
  expect(result).toEqual([['a', 1], 'c', true, 3, 'o', 'l']);
});

test.each(['{ ports: 5 }', '{ ports: [1] }', '{ source: 5 }', '5'])(
  'a MessageEvent refuses the options %s',
  async (options) => {
    const result = await evaluateInIsolate(`
      try { new MessageEvent('a', ${options}); return 'made'; } catch (error) { return error.name; }
    `);
    expect(result).toBe('TypeError');
  },
);

test('a CloseEvent carries code, reason and whether it was clean', async () => {
  const result = await evaluateInIsolate(`
    const event = new CloseEvent('close', { code: 65536 + 1000, reason: 'a\\ud800', wasClean: 1 });
    const empty = new CloseEvent('close');
    return [event.code, event.reason, event.wasClean, empty.code, empty.reason, empty.wasClean, String(event)];
  `);
  expect(result).toEqual([1000, 'a\ufffd', true, 0, '', false, '[object CloseEvent]']);
});
