/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { promiseReject } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toStrategy } from './strategies.ts';
import { setUpFromSink } from './writable-sink.ts';
import { WritableState } from './writable-state.ts';
import { WritableStreamDefaultWriter } from './writable-stream-default-writer.ts';

let stateOf: (stream: WritableStream) => WritableState;
let isWritableStream: (value: unknown) => value is WritableStream;

/** https://streams.spec.whatwg.org/#ws-class */
export class WritableStream {
  readonly #state: WritableState;

  /** @param sink The runtime's own states are wrapped, anything else is an underlying sink. */
  constructor(sink: unknown = undefined, strategy: unknown = undefined) {
    if (WritableState.is(sink)) {
      this.#state = sink;
      return;
    }
    if (sink === null) throw new TypeError('The underlying sink is null');
    const converted = toStrategy(strategy);
    this.#state = new WritableState();
    setUpFromSink(this.#state, sink, converted);
  }

  get locked(): boolean {
    return this.#state.isLocked;
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    if (!isWritableStream(this)) return promiseReject(notAStream());
    if (this.#state.isLocked) return promiseReject(locked());
    return this.#state.abort(reason);
  }

  close(): Promise<undefined> {
    if (!isWritableStream(this)) return promiseReject(notAStream());
    if (this.#state.isLocked) return promiseReject(locked());
    return this.#state.close();
  }

  getWriter(): WritableStreamDefaultWriter {
    void this.#state;
    return new WritableStreamDefaultWriter(this);
  }

  static {
    stateOf = (stream): WritableState => stream.#state;
    isWritableStream = (value): value is WritableStream => isObject(value) && #state in value;
    defineInterface(this, 'WritableStream');
  }
}

/** The state of a stream that worker code passed; a TypeError when it is none. */
export function writableStateOf(value: unknown): WritableState {
  if (!isWritableStream(value)) throw new TypeError('Not a WritableStream');
  return stateOf(value);
}

function notAStream(): TypeError {
  return new TypeError('Illegal invocation: not a WritableStream');
}

function locked(): TypeError {
  return new TypeError('The stream is locked');
}

export { isWritableStream };
