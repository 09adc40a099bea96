import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { readBoundedLines } from './bounded-lines.ts';

function collect(): { stream: PassThrough; lines: string[] } {
  const stream = new PassThrough();
  const lines: string[] = [];
  readBoundedLines(stream, (line) => lines.push(line));
  return { stream, lines };
}

async function linesOf(pieces: readonly string[]): Promise<string[]> {
  const { stream, lines } = collect();
  let isOver = false;
  stream.on('end', () => (isOver = true));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await until(
    () => isOver,
    () => 'the end of the stream',
  );
  return lines;
}

test('lines come whole, also the last one, and empty ones do not', async () => {
  expect(await linesOf(['on', 'e\ntw', 'o\n\n', 'three'])).toEqual(['one', 'two', 'three']);
});

test('a line without an end is cut and does not grow', async () => {
  const lines = await linesOf(Array.from({ length: 100 }, () => 'x'.repeat(10_000)));
  expect(lines).toEqual(['x'.repeat(4096)]);
});

test('of a flood only the first hundred come', async () => {
  const lines = await linesOf([Array.from({ length: 5000 }, (_, index) => `${index}\n`).join('')]);
  expect(lines).toHaveLength(100);
  expect(lines.at(-1)).toBe('99');
});
