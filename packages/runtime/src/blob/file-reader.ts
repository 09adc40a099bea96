/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { startTimer } from '../dispatch/services.ts';
import { DOMException } from '../dom-exception/dom-exception.ts';
import { EventHandler } from '../events/event-handler.ts';
import { dispatchTrusted, EventTarget } from '../events/event-target.ts';
import { ProgressEvent } from '../events/progress-event.ts';
import { TypeError } from '../primordials.ts';
import { requireArguments, toDomString } from '../webidl/convert.ts';
import { defineConstants, defineInterface } from '../webidl/define-interface.ts';
import { blobStateOf, isBlob } from './blob.ts';
import { asArrayBuffer, asBinaryString, asDataUrl, asText } from './package-data.ts';
import type { PackageData } from './package-data.ts';

const states = { empty: 0, loading: 1, done: 2 } as const;

/** https://w3c.github.io/FileAPI/#APIASynch; a blob is in memory, so reading it cannot fail. */
export class FileReader extends EventTarget {
  #readyState: number = states.empty;
  #result: string | ArrayBuffer | null = null;
  /** Cancels the task that is due next. */
  #cancelTask: (() => void) | undefined = undefined;
  readonly #onloadstart = new EventHandler(this, 'loadstart');
  readonly #onprogress = new EventHandler(this, 'progress');
  readonly #onload = new EventHandler(this, 'load');
  readonly #onabort = new EventHandler(this, 'abort');
  readonly #onerror = new EventHandler(this, 'error');
  readonly #onloadend = new EventHandler(this, 'loadend');

  readAsArrayBuffer(blob: unknown): void {
    requireArguments(arguments.length, 1, 'FileReader.readAsArrayBuffer');
    this.#read(blob, asArrayBuffer);
  }

  readAsBinaryString(blob: unknown): void {
    requireArguments(arguments.length, 1, 'FileReader.readAsBinaryString');
    this.#read(blob, asBinaryString);
  }

  readAsText(blob: unknown, encoding: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'FileReader.readAsText');
    const label = encoding === undefined ? undefined : toDomString(encoding);
    this.#read(blob, (state) => asText(state, label));
  }

  readAsDataURL(blob: unknown): void {
    requireArguments(arguments.length, 1, 'FileReader.readAsDataURL');
    this.#read(blob, asDataUrl);
  }

  abort(): void {
    const wasLoading = this.#readyState === states.loading;
    this.#result = null;
    if (!wasLoading) return;
    this.#readyState = states.done;
    this.#cancelTask?.();
    this.#fire('abort', 0, 0);
    this.#fireEnd(0);
  }

  get readyState(): number {
    return this.#readyState;
  }

  get result(): string | ArrayBuffer | null {
    return this.#result;
  }

  get error(): null {
    void this.#result;
    return null;
  }

  get onloadstart(): object | null {
    return this.#onloadstart.value;
  }

  set onloadstart(handler: unknown) {
    this.#onloadstart.set(handler);
  }

  get onprogress(): object | null {
    return this.#onprogress.value;
  }

  set onprogress(handler: unknown) {
    this.#onprogress.set(handler);
  }

  get onload(): object | null {
    return this.#onload.value;
  }

  set onload(handler: unknown) {
    this.#onload.set(handler);
  }

  get onabort(): object | null {
    return this.#onabort.value;
  }

  set onabort(handler: unknown) {
    this.#onabort.set(handler);
  }

  get onerror(): object | null {
    return this.#onerror.value;
  }

  set onerror(handler: unknown) {
    this.#onerror.set(handler);
  }

  get onloadend(): object | null {
    return this.#onloadend.value;
  }

  set onloadend(handler: unknown) {
    this.#onloadend.set(handler);
  }

  /** https://w3c.github.io/FileAPI/#readOperation: each event is a task of its own. */
  #read(blob: unknown, packageData: PackageData): void {
    const isLoading = this.#readyState === states.loading;
    if (!isBlob(blob)) throw new TypeError('FileReader: the argument is not a Blob');
    if (isLoading) throw new DOMException('The reader is already reading', 'InvalidStateError');
    const state = blobStateOf(blob);
    const size = state.bytes.length;
    this.#readyState = states.loading;
    this.#result = null;
    const finish = (): void => {
      this.#readyState = states.done;
      this.#result = packageData(state);
      // The standard fires both in one task, with the microtasks of the first listeners in between.
      this.#queueTask(() => this.#fireEnd(size));
      this.#fire('load', size, size);
    };
    const progress = (): void => {
      this.#queueTask(finish);
      this.#fire('progress', size, size);
    };
    this.#queueTask(() => {
      this.#queueTask(size === 0 ? finish : progress);
      this.#fire('loadstart', 0, size);
    });
  }

  #queueTask(run: () => void): void {
    this.#cancelTask = startTimer(run, 0);
  }

  /** A listener may have begun to read again. */
  #fireEnd(size: number): void {
    if (this.#readyState !== states.loading) this.#fire('loadend', size, size);
  }

  #fire(type: string, loaded: number, total: number): void {
    const init = { __proto__: null, lengthComputable: total > 0, loaded, total };
    dispatchTrusted(this, new ProgressEvent(type, init));
  }

  static {
    defineInterface(this, 'FileReader');
    defineConstants(this, [
      ['EMPTY', states.empty],
      ['LOADING', states.loading],
      ['DONE', states.done],
    ]);
  }
}
