/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { promiseReject } from '../safe-promise.ts';
import { isObject, requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { desiredSizeOf, WriterState } from './writable-state.ts';
import { writableStateOf } from './writable-stream.ts';

let isWriter: (value: unknown) => boolean;

/** https://streams.spec.whatwg.org/#default-writer-class */
export class WritableStreamDefaultWriter {
  readonly #writer: WriterState;

  constructor(stream: unknown) {
    requireArguments(arguments.length, 1, 'WritableStreamDefaultWriter');
    this.#writer = new WriterState(writableStateOf(stream));
  }

  get closed(): Promise<undefined> {
    if (!isWriter(this)) return promiseReject(notAWriter());
    return this.#writer.closed.promise;
  }

  get desiredSize(): number | null {
    const { stream } = this.#writer;
    if (stream === undefined) throw released();
    return desiredSizeOf(stream);
  }

  get ready(): Promise<undefined> {
    if (!isWriter(this)) return promiseReject(notAWriter());
    return this.#writer.ready.promise;
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    if (!isWriter(this)) return promiseReject(notAWriter());
    const { stream } = this.#writer;
    return stream === undefined ? promiseReject(released()) : stream.abort(reason);
  }

  close(): Promise<undefined> {
    if (!isWriter(this)) return promiseReject(notAWriter());
    const { stream } = this.#writer;
    return stream === undefined ? promiseReject(released()) : stream.close();
  }

  releaseLock(): void {
    this.#writer.release();
  }

  write(chunk: unknown = undefined): Promise<undefined> {
    if (!isWriter(this)) return promiseReject(notAWriter());
    return this.#writer.write(chunk);
  }

  static {
    isWriter = (value): boolean => isObject(value) && #writer in value;
    defineInterface(this, 'WritableStreamDefaultWriter');
  }
}

function notAWriter(): TypeError {
  return new TypeError('Illegal invocation: not a WritableStreamDefaultWriter');
}

function released(): TypeError {
  return new TypeError('The writer has been released');
}
