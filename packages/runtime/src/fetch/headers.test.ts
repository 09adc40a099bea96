import { expect, test } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

test('headers combine, replace and delete values without regard to case', async () => {
  const result = await evaluateInIsolate(`
    const headers = new Headers([['X-A', '1'], ['x-b', ' two\\t']]);
    headers.append('x-a', '2');
    headers.set('X-C', 3);
    headers.delete('X-b');
    return [headers.get('x-A'), headers.get('x-b'), headers.has('x-c'), [...headers]];
  `);
  expect(result).toEqual([
    '1, 2',
    null,
    true,
    [
      ['x-a', '1, 2'],
      ['x-c', '3'],
    ],
  ]);
});

test('iteration is sorted and keeps the values of set-cookie apart', async () => {
  const result = await evaluateInIsolate(`
    const headers = new Headers({ 'Set-Cookie': 'a=1', b: '1', a: '2' });
    headers.append('set-cookie', 'b=2');
    return [[...headers.entries()], [...headers.keys()], headers.getSetCookie(), headers.get('set-cookie')];
  `);
  expect(result).toEqual([
    [
      ['a', '2'],
      ['b', '1'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ],
    ['a', 'b', 'set-cookie', 'set-cookie'],
    ['a=1', 'b=2'],
    'a=1, b=2',
  ]);
});

test('an iterator sees what is appended while it runs', async () => {
  const result = await evaluateInIsolate(`
    const headers = new Headers({ a: '1', b: '2' });
    const seen = [];
    for (const [name] of headers) { seen.push(name); if (name === 'a') headers.append('c', '3'); }
    return seen;
  `);
  expect(result).toEqual(['a', 'b', 'c']);
});

test('invalid names, values and inits throw a TypeError', async () => {
  const result = await evaluateInIsolate(`
    const failures = [];
    for (const attempt of [
      () => new Headers({ 'a b': '1' }),
      () => new Headers({ '': '1' }),
      () => new Headers({ a: 'x\\ny' }),
      () => new Headers({ a: '\\u0100' }),
      () => new Headers([['a']]),
      () => new Headers([['a', 'b', 'c']]),
      () => new Headers(null),
      () => new Headers(1),
      () => new Headers({ [Symbol('a')]: '1' }),
      () => new Headers().append('a'),
      () => new Headers().get(),
      () => Headers.prototype.get.call({}, 'a'),
      () => Headers(),
    ]) {
      try { attempt(); failures.push(String(attempt)); } catch (error) {
        if (!(error instanceof TypeError)) failures.push(String(error));
      }
    }
    return failures;
  `);
  expect(result).toEqual([]);
});

test('headers are copied from headers, records, sequences and generators', async () => {
  const result = await evaluateInIsolate(`
    const source = new Headers([['a', '1'], ['set-cookie', 'x'], ['set-cookie', 'y']]);
    function* pairs() { yield ['g', '1']; yield new Set(['h', '2']); }
    return [[...new Headers(source)], [...new Headers(pairs())], [...new Headers(new Map([['m', '1']]))]];
  `);
  expect(result).toEqual([
    [
      ['a', '1'],
      ['set-cookie', 'x'],
      ['set-cookie', 'y'],
    ],
    [
      ['g', '1'],
      ['h', '2'],
    ],
    [['m', '1']],
  ]);
});

test('the headers of an incoming request are immutable, those of its copy are not', async () => {
  const result = await evaluateInIsolate(`
    const attempts = ['append', 'set', 'delete'].map((method) => {
      try { request.headers[method]('a', 'b'); return 'allowed'; } catch (error) { return error.constructor.name; }
    });
    const copy = new Request(request);
    copy.headers.set('a', 'b');
    return [attempts, copy.headers.get('a'), request.headers.get('a')];
  `);
  expect(result).toEqual([['TypeError', 'TypeError', 'TypeError'], 'b', null]);
});

test('the interface looks as WebIDL says', async () => {
  const result = await evaluateInIsolate(`
    const iterator = new Headers([['a', '1']])[Symbol.iterator]();
    return [
      Headers.length, Headers.name, Headers.prototype.append.length,
      Object.prototype.toString.call(new Headers()), Object.prototype.toString.call(iterator),
      Object.getOwnPropertyDescriptor(globalThis, 'Headers').enumerable,
      Object.getOwnPropertyDescriptor(Headers.prototype, 'get').enumerable,
      Headers.prototype[Symbol.iterator] === Headers.prototype.entries,
      Object.getPrototypeOf(Object.getPrototypeOf(iterator)) === Iterator.prototype,
      Object.keys(new Headers()),
    ];
  `);
  expect(result).toEqual([
    0,
    'Headers',
    2,
    '[object Headers]',
    '[object Headers Iterator]',
    false,
    true,
    true,
    true,
    [],
  ]);
});
