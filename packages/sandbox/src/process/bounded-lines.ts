import type { Readable } from 'node:stream';

const maxLineChars = 4096;
const maxLinesPerWindow = 100;
const windowMs = 10_000;

/**
 * Calls back for each line of a stream that may be hostile: lines are cut at 4 096 characters, and
 * of more than 100 lines in 10 s only their number is told.
 */
export function readBoundedLines(
  stream: Readable,
  onLine: (line: string, droppedBefore: number) => void,
): void {
  let partial = '';
  let windowStart = 0;
  let linesInWindow = 0;
  let dropped = 0;
  const emit = (line: string): void => {
    const now = performance.now();
    if (now - windowStart > windowMs) {
      windowStart = now;
      linesInWindow = 0;
    }
    linesInWindow += 1;
    if (linesInWindow > maxLinesPerWindow) {
      dropped += 1;
      return;
    }
    onLine(line, dropped);
    dropped = 0;
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (partial + chunk).split('\n');
    partial = (lines.pop() ?? '').slice(0, maxLineChars);
    for (const line of lines) if (line !== '') emit(line.slice(0, maxLineChars));
  });
  stream.on('end', () => {
    if (partial !== '') emit(partial);
  });
  // A broken pipe of a dying process; its exit is reported elsewhere.
  stream.on('error', () => undefined);
}
