import { prettyLine } from './pretty-line.ts';

/** Shows roles' log lines to the person who started the platform. */
export interface LinePrinter {
  /** Whether anything in this chunk may be worth showing; cheap, because most is not. */
  wants(chunk: Uint8Array): boolean;
  print(role: string, line: string): void;
}

interface PrinterOptions {
  readonly write: (text: string) => void;
  readonly hasColors: boolean;
  /** A terminal gets everything; a pipe only warnings, errors and what is no log line at all. */
  readonly isTerminal: boolean;
  readonly now: () => number;
}

/** A terminal is slow and so are its readers; the files have everything. */
const maxLinesPerSecond = 200;

const unimportant = /^\{"level":(?:10|20|30),/;

export function createLinePrinter(options: PrinterOptions): LinePrinter {
  let second = 0;
  let lines = 0;
  return {
    wants: (chunk) => options.isTerminal || hasImportantLine(chunk),
    print(role, line) {
      if (line === '' || (!options.isTerminal && unimportant.test(line))) return;
      const now = Math.floor(options.now() / 1000);
      if (now !== second) {
        if (lines > maxLinesPerSecond) {
          options.write(`… ${lines - maxLinesPerSecond} more lines are in the log files\n`);
        }
        second = now;
        lines = 0;
      }
      lines += 1;
      if (lines > maxLinesPerSecond) return;
      options.write(`${prettyLine(role, line, options.hasColors)}\n`);
    },
  };
}

const marks = ['{"level":4', '{"level":5', '{"level":6'];

function hasImportantLine(chunk: Uint8Array): boolean {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return marks.some((mark) => bytes.includes(mark)) || bytes[0] !== '{'.charCodeAt(0);
}
