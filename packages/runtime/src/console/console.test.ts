import { expect, test } from 'vitest';
import type { InstallOptions } from '../boundary.ts';
import { TestIsolate } from '../testing/isolate-driver.ts';

async function lines(body: string, options: Partial<InstallOptions> = {}): Promise<string[][]> {
  const isolate = await TestIsolate.start({
    source: `export default { async fetch() { ${body}; return new Response(); } }`,
    options,
  });
  const event = await (await isolate.fetch()).done();
  isolate.dispose();
  expect(event.exceptions).toEqual([]);
  return isolate.logs.map(({ level, text }) => [level, text]);
}

async function shown(expression: string): Promise<string | undefined> {
  return (await lines(`console.log(${expression})`))[0]?.[1];
}

test('every level is told apart', async () => {
  expect(
    await lines(
      `for (const level of ['error', 'warn', 'info', 'log', 'debug']) console[level](level, 1)`,
    ),
  ).toEqual([
    ['error', 'error 1'],
    ['warn', 'warn 1'],
    ['info', 'info 1'],
    ['log', 'log 1'],
    ['debug', 'debug 1'],
  ]);
});

test.each([
  [
    `'text', 1, true, null, undefined, 5n, Symbol('s'), -0`,
    'text 1 true null undefined 5n Symbol(s) -0',
  ],
  [
    `{ a: 1, 'b-c': 'x', [Symbol('s')]: [1, , 'y'] }`,
    '{ a: 1, "b-c": "x", [Symbol(s)]: [ 1, <empty>, "y" ] }',
  ],
  [`new Map([['k', { v: 1 }]]), new Set([1])`, 'Map(1) { "k" => { v: 1 } } Set(1) { 1 }'],
  [
    `new Uint8Array([1, 2]), new ArrayBuffer(3)`,
    'Uint8Array(2) [ 1, 2 ] ArrayBuffer { byteLength: 3 }',
  ],
  [
    `function named() {}, class Some {}, () => {}`,
    '[Function: named] [class Some] [Function (anonymous)]',
  ],
  [
    `new (class Point { x = 1 })(), Object.create(null)`,
    'Point { x: 1 } [Object: null prototype] {}',
  ],
  [
    `new Date(0), new Date(NaN), /a+/g, Promise.resolve()`,
    '1970-01-01T00:00:00.000Z Invalid Date /a+/g Promise {}',
  ],
  [`(() => { const a = { b: 1 }; a.self = a; return a; })()`, '{ b: 1, self: [Circular] }'],
  [`{ a: { b: { c: { d: { e: 1 } } } } }`, '{ a: { b: { c: { d: [Object] } } } }'],
  [`{ get a() { throw 1; }, set b(v) {} }`, '{ a: [Getter], b: [Setter] }'],
  [
    `'%s is %d, %i, %f, %j, %o %c%% %x', 'a', '4.5', 4.5, '1.5', { a: 1 }, [1], 'css', 'rest'`,
    'a is 4.5, 4, 1.5, {"a":1}, [ 1 ] % %x rest',
  ],
  [`'100%', 5`, '100% 5'],
  [`'%s'`, '%s'],
  [`[]`, '[]'],
])('log(%s)', async (expression, expected) => {
  expect(await shown(expression)).toBe(expected);
});

test('long objects are spread over lines', async () => {
  const text = await shown(`{ first: 'x'.repeat(40), second: { inner: 'y'.repeat(40) } }`);
  expect(text).toBe(
    `{\n  first: "${'x'.repeat(40)}",\n  second: { inner: "${'y'.repeat(40)}" }\n}`,
  );
});

test('errors show their stack and cause', async () => {
  const text = await shown(`new Error('outer', { cause: 'inner' })`);
  expect(text).toMatch(/^Error: outer\n +at .*worker\.js[^]*\[cause\]: "inner"$/);
});

test('an object that resists inspection does not break the worker', async () => {
  const hostile = `new Proxy({}, { ownKeys() { throw new Error('no'); }, getPrototypeOf() { throw new Error('no'); } })`;
  expect(await shown(hostile)).toBe('[an object that cannot be inspected]');
  expect(await shown(`{ toString: null, [Symbol.toPrimitive]: 1 }`)).toContain('toString: null');
});

test('groups, counters, assertions and tables', async () => {
  expect(
    await lines(`console.group('g'); console.log('in\\nside'); console.groupEnd(); console.log('out');
    console.count(); console.count('x'); console.count(); console.countReset(); console.count();
    console.countReset('never');
    console.assert(true, 'not shown'); console.assert(false, 'wrong', 1); console.assert();
    console.dir({ a: 1 }); console.table([{ a: 1, b: 'x' }, { b: 2 }]); console.table(5)`),
  ).toEqual([
    ['log', 'g'],
    ['log', '  in\n  side'],
    ['log', 'out'],
    ['log', 'default: 1'],
    ['log', 'x: 1'],
    ['log', 'default: 2'],
    ['log', 'default: 1'],
    ['warn', `Count for 'never' does not exist`],
    ['error', 'Assertion failed: wrong 1'],
    ['error', 'Assertion failed'],
    ['log', '{ a: 1 }'],
    [
      'log',
      [
        '+---------+---+-----+',
        '| (index) | a | b   |',
        '+---------+---+-----+',
        '| 0       | 1 | "x" |',
        '| 1       |   | 2   |',
        '+---------+---+-----+',
      ].join('\n'),
    ],
    ['log', '5'],
  ]);
});

test('timers of the console measure milliseconds', async () => {
  const result = await lines(
    `console.time('t'); console.time('t'); console.timeLog('t', 'x'); console.timeEnd('t'); console.timeEnd('t')`,
  );
  expect(result[0]).toEqual(['warn', `Timer 't' already exists`]);
  expect(result[1]?.[1]).toMatch(/^t: \d+ms x$/);
  expect(result[2]?.[1]).toMatch(/^t: \d+ms$/);
  expect(result[3]).toEqual(['warn', `Timer 't' does not exist`]);
});

test('trace shows where it was called', async () => {
  const [[level, text] = []] = await lines(`(function caller() { console.trace('here'); })()`);
  expect(level).toBe('trace');
  expect(text).toMatch(/^Trace: here\n +at caller /);
});

test('what one request counts is not seen by the next', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { fetch() { console.group(); console.count(); return new Response(); } }`,
  });
  await (await isolate.fetch()).done();
  await (await isolate.fetch()).done();
  expect(isolate.logs.map(({ text }) => text)).toEqual(['  default: 1', '  default: 1']);
  isolate.dispose();
});

test('long lines are cut at whole characters, and further lines left out', async () => {
  const result = await lines(
    `console.log('é'.repeat(100)); for (let i = 0; i < 9; i++) console.log(i)`,
    {
      maxLogLines: 3,
      maxLogLineBytes: 11,
    },
  );
  expect(result).toEqual([
    ['log', 'ééééé... [truncated]'],
    ['log', '0'],
    ['log', '1'],
    ['warn', '[truncated: more than 3 lines]'],
  ]);
});

test('an endless object costs no more than a line', async () => {
  const wide = `Object.fromEntries(Array.from({ length: 1000 }, (_, i) => ['k' + i, 'v'.repeat(100)]))`;
  const [[, text = ''] = []] = await lines(`console.log({ a: ${wide}, b: ${wide} })`, {
    maxLogLineBytes: 500,
  });
  expect(text.length).toBeLessThan(600);
  expect(text).toContain('[truncated]');
});
