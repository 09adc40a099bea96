import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const pieceBytes = 4 * 1024 * 1024;

/**
 * Which of the needles are somewhere in the process's memory, as it is while we look.
 *
 * @throws Error (`EACCES`, `EPERM`) when this user may not look into that process
 */
export function findInMemory(pid: number, needles: readonly Buffer[]): Set<Buffer> {
  const found = new Set<Buffer>();
  const overlap = Math.max(...needles.map(({ length }) => length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const { start, end } of readableRanges(pid)) {
      for (let at = start; at < end; at += pieceBytes) {
        const piece = readPiece(memory, at, Math.min(pieceBytes + overlap, end - at));
        for (const needle of needles) if (piece.includes(needle)) found.add(needle);
      }
    }
  } finally {
    closeSync(memory);
  }
  return found;
}

function readableRanges(pid: number): { start: number; end: number }[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start = '', end = '', rights = ''] =
        /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
      // What is not writable came from a file.
      if (!rights.startsWith('rw')) return [];
      return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }];
    });
}

function readPiece(memory: number, at: number, length: number): Buffer {
  const piece = Buffer.alloc(length);
  try {
    return piece.subarray(0, readSync(memory, piece, 0, length, at));
  } catch (error) {
    // Pages that are mapped and not there, or were unmapped meanwhile.
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return Buffer.alloc(0);
    throw error;
  }
}
