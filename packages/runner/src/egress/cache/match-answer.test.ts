import { expect, test } from 'vitest';
import { answerMatch } from './match-answer.ts';

const stored = 'etag\n"v1"\nlast-modified\nTue, 01 Sep 2026 12:00:00 GMT\ncontent-type\ntext/plain';

function ask(requestHeaders: string, status = 200): string {
  const { span, ...answer } = answerMatch({
    response: { status, statusText: 'Fine', headers: stored },
    sizeBytes: 10,
    ageMs: 2_500,
    requestHeaders,
  });
  return `${answer.status} ${span.start}-${span.end}`;
}

test.each([
  ['', '200 0-10'],
  ['if-none-match\n"v1"', '304 0-0'],
  ['if-none-match\n"v0", W/"v1"', '304 0-0'],
  ['if-none-match\n*', '304 0-0'],
  ['if-none-match\n"v2"', '200 0-10'],
  // The tag decides, although the date would say otherwise.
  ['if-none-match\n"v2"\nif-modified-since\nTue, 01 Sep 2026 13:00:00 GMT', '200 0-10'],
  ['if-modified-since\nTue, 01 Sep 2026 12:00:00 GMT', '304 0-0'],
  ['if-modified-since\nTue, 01 Sep 2026 11:59:59 GMT', '200 0-10'],
  ['if-modified-since\nyesterday', '200 0-10'],
  ['range\nbytes=0-0', '206 0-1'],
  ['range\nbytes=5-', '206 5-10'],
  ['range\nbytes=5-99', '206 5-10'],
  ['range\nbytes=-4', '206 6-10'],
  ['range\nbytes=-99', '206 0-10'],
  ['range\nbytes=-0', '416 0-0'],
  ['range\nbytes=10-', '416 0-0'],
  ['range\nbytes=7-5', '200 0-10'],
  ['range\nbytes=1-2,4-5', '200 0-10'],
  ['range\nlines=1-2', '200 0-10'],
  ['range\nbytes=1-2\nif-range\n"v1"', '206 1-3'],
  ['range\nbytes=1-2\nif-range\n"v2"', '200 0-10'],
  ['range\nbytes=1-2\nif-range\nTue, 01 Sep 2026 12:00:00 GMT', '206 1-3'],
])('%j is answered with %s', (headers, expected) => {
  expect(ask(headers)).toBe(expected);
});

test('only a 200 has conditions and ranges', () => {
  expect(ask('range\nbytes=1-2', 404)).toBe('404 0-10');
  expect(ask('if-none-match\n*', 404)).toBe('404 0-10');
});

test('says its age, and the length of what follows', () => {
  const answer = answerMatch({
    response: { status: 200, statusText: 'Fine', headers: 'content-length\n99\nx-a\n1' },
    sizeBytes: 10,
    ageMs: 2_500,
    requestHeaders: 'range\nbytes=2-4',
  });
  expect(answer).toEqual({
    status: 206,
    statusText: '',
    headers: 'x-a\n1\nage\n2\ncf-cache-status\nHIT\ncontent-length\n3\ncontent-range\nbytes 2-4/10',
    span: { start: 2, end: 5 },
  });
});
