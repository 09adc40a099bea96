import { expect, test } from 'vitest';
import { createLinePrinter } from './line-printer.ts';

function printer(isTerminal: boolean) {
  const shown: string[] = [];
  let now = 5_000;
  const target = createLinePrinter({
    write: (text) => void shown.push(text),
    hasColors: false,
    isTerminal,
    now: () => now,
  });
  return { shown, target, advance: (ms: number) => void (now += ms) };
}

const line = (level: number, msg: string, more: object = {}): string =>
  JSON.stringify({ level, time: 1_700_000_000_123, pid: 1, role: 'runner', ...more, msg });

test('a terminal gets every line, with its fields and the stack of an error', () => {
  const { shown, target } = printer(true);
  target.print('runner-0', line(30, 'request done', { status: 200, name: 'hello' }));
  target.print(
    'runner-0',
    line(50, 'it broke', { err: { message: 'no', stack: 'Error: no\n  at x' } }),
  );
  target.print('runner-0', 'Segmentation fault');
  expect(shown.join('')).toMatchInlineSnapshot(`
    "22:13:20.123 runner-0 info  request done status=200 name=hello
    22:13:20.123 runner-0 error it broke
        Error: no
          at x
    runner-0 Segmentation fault
    "
  `);
});

test('a pipe gets warnings, errors and what is no log line, and most chunks are not even read', () => {
  const { shown, target } = printer(false);
  expect(target.wants(Buffer.from(`${line(30, 'a')}\n`))).toBe(false);
  expect(target.wants(Buffer.from(`${line(30, 'a')}\n${line(50, 'b')}\n`))).toBe(true);
  expect(target.wants(Buffer.from('Segmentation fault\n'))).toBe(true);
  for (const text of [line(20, 'a'), line(30, 'b'), line(40, 'c'), 'd']) target.print('r', text);
  expect(shown).toEqual(['22:13:20.123 r warn  c\n', 'r d\n']);
});

test('a flood is cut per second, and the number of lines left out is told', () => {
  const { shown, target, advance } = printer(true);
  for (let number = 0; number < 1_000; number += 1) target.print('r', `${number}`);
  expect(shown).toHaveLength(200);
  advance(1_000);
  target.print('r', 'next');
  expect(shown.slice(200)).toEqual(['… 800 more lines are in the log files\n', 'r next\n']);
});

test('a line that only looks like JSON is shown as it is', () => {
  const { shown, target } = printer(true);
  target.print('r', '{"level":30,"cut');
  expect(shown).toEqual(['r {"level":30,"cut\n']);
});
