/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  requireArguments,
  toDictionary,
  toDomString,
  toNumber,
  toUsvString,
} from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { Event } from './event.ts';

/** What an `onerror` handler is called with; undefined when the event is no ErrorEvent. */
let errorArgumentsOf: (event: Event) => unknown[] | undefined;

/** https://html.spec.whatwg.org/#errorevent */
export class ErrorEvent extends Event {
  readonly #message: string;
  readonly #filename: string;
  readonly #line: number;
  readonly #column: number;
  readonly #error: unknown;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ErrorEvent constructor');
    super(type, init);
    const options = toDictionary<'colno' | 'error' | 'filename' | 'lineno' | 'message'>(
      init,
      'ErrorEvent constructor',
    );
    const { colno, error, filename, lineno, message } = options;
    this.#column = colno === undefined ? 0 : toNumber(colno) >>> 0;
    this.#error = error;
    this.#filename = filename === undefined ? '' : toUsvString(filename);
    this.#line = lineno === undefined ? 0 : toNumber(lineno) >>> 0;
    this.#message = message === undefined ? '' : toDomString(message);
  }

  get message(): string {
    return this.#message;
  }

  get filename(): string {
    return this.#filename;
  }

  get lineno(): number {
    return this.#line;
  }

  get colno(): number {
    return this.#column;
  }

  get error(): unknown {
    return this.#error;
  }

  static {
    errorArgumentsOf = (event) =>
      #message in event
        ? [event.#message, event.#filename, event.#line, event.#column, event.#error]
        : undefined;
    defineInterface(this, 'ErrorEvent');
  }
}

export { errorArgumentsOf };
