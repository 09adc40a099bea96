import {
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} from '../primordials.ts';

/** Characters that a line, or the data of an event, may have. */
const longestText = 1024 * 1024;

export interface ServerEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

export interface EventStreamListener {
  event(event: ServerEvent): void;
  /** The server wants so many milliseconds before the next connection. */
  retry(delayMs: number): void;
  /** A line or an event is too long; nothing may be given to the parser any more. */
  overflow(): void;
}

/** https://html.spec.whatwg.org/#event-stream-interpretation, of text that comes in pieces. */
export class EventStreamParser {
  readonly #listener: EventStreamListener;
  #isAtStart = true;
  /** The line so far. */
  #line = '';
  #endsInReturn = false;
  #data = '';
  #hasData = false;
  #type = '';
  #id: string;
  #isStopped = false;

  /** @param lastEventId Of the connection before. */
  constructor(lastEventId: string, listener: EventStreamListener) {
    this.#id = lastEventId;
    this.#listener = listener;
  }

  /** The rest of what was given is of no interest. */
  stop(): void {
    this.#isStopped = true;
  }

  push(text: string): void {
    let start = 0;
    if (text === '') return;
    if (this.#isAtStart) {
      this.#isAtStart = false;
      if (StringPrototypeCharCodeAt(text, 0) === 0xfeff) start = 1;
    }
    // The other half of a line end.
    if (this.#endsInReturn && StringPrototypeCharAt(text, start) === '\n') start += 1;
    this.#endsInReturn = false;
    for (let i = start; i < text.length && !this.#isStopped; i += 1) {
      const unit = StringPrototypeCharCodeAt(text, i);
      if (unit !== 0x0a && unit !== 0x0d) continue;
      if (!this.#append(StringPrototypeSlice(text, start, i))) return;
      this.#endLine();
      if (unit === 0x0d) {
        if (i + 1 === text.length) this.#endsInReturn = true;
        else if (StringPrototypeCharCodeAt(text, i + 1) === 0x0a) i += 1;
      }
      start = i + 1;
    }
    if (!this.#isStopped) this.#append(StringPrototypeSlice(text, start));
  }

  #append(part: string): boolean {
    if (this.#line.length + part.length > longestText) return this.#overflow();
    this.#line += part;
    return true;
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = '';
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon === 0) return;
    if (colon < 0) this.#field(line, '');
    else {
      const value = StringPrototypeSlice(line, colon + 1);
      const text = StringPrototypeStartsWith(value, ' ') ? StringPrototypeSlice(value, 1) : value;
      this.#field(StringPrototypeSlice(line, 0, colon), text);
    }
  }

  #field(name: string, value: string): void {
    if (name === 'data') {
      if (this.#data.length + value.length > longestText) {
        this.#overflow();
        return;
      }
      this.#data = this.#hasData ? `${this.#data}\n${value}` : value;
      this.#hasData = true;
    } else if (name === 'event') this.#type = value;
    else if (name === 'id') {
      if (StringPrototypeIndexOf(value, '\0') < 0) this.#id = value;
    } else if (name === 'retry' && RegExpPrototypeExec(/^\d+$/, value) !== null) {
      this.#listener.retry(+value);
    }
  }

  #dispatch(): void {
    const data = this.#data;
    const type = this.#type === '' ? 'message' : this.#type;
    const isEmpty = !this.#hasData;
    this.#data = '';
    this.#hasData = false;
    this.#type = '';
    this.#listener.event({ type: isEmpty ? '' : type, data, lastEventId: this.#id });
  }

  #overflow(): false {
    this.#isStopped = true;
    this.#listener.overflow();
    return false;
  }
}
