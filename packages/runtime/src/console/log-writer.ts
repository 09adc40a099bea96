import { hostOps } from '../boundary.ts';
import type { InstallOptions } from '../boundary.ts';
import type { CurrentEvent } from '../dispatch/current-event.ts';
import { host } from '../dispatch/host.ts';
import { utf8Length } from '../encoding/utf8-encode.ts';
import { StringPrototypeSlice } from '../primordials.ts';
import { indentLines } from './indent-lines.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'log' | 'debug' | 'trace';

/** Sends console lines to the sandbox, within the limits of the event. */
export class LogWriter {
  readonly #current: CurrentEvent;
  readonly #limits: Pick<InstallOptions, 'maxLogLines' | 'maxLogLineBytes'>;

  constructor(current: CurrentEvent, limits: InstallOptions) {
    this.#current = current;
    this.#limits = limits;
  }

  /** Characters worth making: more would be cut off. */
  get budget(): number {
    const { maxLogLines, maxLogLineBytes } = this.#limits;
    return this.#current.event.console.lineCount > maxLogLines ? 0 : maxLogLineBytes;
  }

  write(level: LogLevel, text: string): void {
    const { event } = this.#current;
    const { maxLogLines, maxLogLineBytes } = this.#limits;
    const state = event.console;
    state.lineCount += 1;
    if (state.lineCount > maxLogLines) {
      if (state.lineCount === maxLogLines + 1) {
        host(hostOps.log, event.id, 'warn', `[truncated: more than ${maxLogLines} lines]`);
      }
      return;
    }
    host(hostOps.log, event.id, level, cut(indentLines(text, state.indent), maxLogLineBytes));
  }
}

const mark = '... [truncated]';

/** At most `maxBytes` of UTF-8 and the mark. */
function cut(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || (text.length <= maxBytes && utf8Length(text) <= maxBytes)) {
    return text;
  }
  let low = 0;
  let high = maxBytes < text.length ? maxBytes : text.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (utf8Length(StringPrototypeSlice(text, 0, middle)) <= maxBytes) low = middle;
    else high = middle - 1;
  }
  return StringPrototypeSlice(text, 0, low) + mark;
}
