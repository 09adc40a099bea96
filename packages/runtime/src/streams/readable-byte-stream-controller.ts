/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  ArrayBufferIsView,
  ArrayBufferPrototypeByteLength,
  ArrayBufferPrototypeDetached,
  TypedArrayPrototypeBuffer,
  TypeError,
} from '../primordials.ts';
import { extentOf } from '../webidl/buffer-source.ts';
import { requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toEnforcedInteger } from '../webidl/integers.ts';
import { ByobRequest, ByteController } from './byte-controller.ts';

/** https://streams.spec.whatwg.org/#rs-byob-request-class */
export class ReadableStreamBYOBRequest {
  readonly #request: ByobRequest;

  constructor(request: unknown = undefined) {
    if (!(request instanceof ByobRequest)) throw new TypeError('Illegal constructor');
    this.#request = request;
  }

  get view(): Uint8Array<ArrayBuffer> | null {
    return this.#request.view;
  }

  respond(bytesWritten: unknown): void {
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respond');
    const written = toEnforcedInteger(bytesWritten, 'bytesWritten');
    usableController(this.#request).respond(written);
  }

  respondWithNewView(view: unknown): void {
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
    if (!ArrayBufferIsView(view)) throw new TypeError('The argument is not a view on a buffer');
    const { controller } = this.#request;
    if (controller === undefined) throw new TypeError('The request was already answered');
    if (ArrayBufferPrototypeDetached(extentOf(view).buffer)) {
      throw new TypeError('The buffer of the view is detached');
    }
    controller.respondWithNewView(view);
  }

  static {
    defineInterface(this, 'ReadableStreamBYOBRequest');
  }
}

function usableController({ controller, view }: ByobRequest): ByteController {
  if (controller === undefined || view === null) {
    throw new TypeError('The request was already answered');
  }
  if (ArrayBufferPrototypeDetached(TypedArrayPrototypeBuffer(view))) {
    throw new TypeError('The buffer of the request is detached');
  }
  return controller;
}

/** https://streams.spec.whatwg.org/#rbs-controller-class, as a source sees it. */
export class ReadableByteStreamController {
  readonly #controller: ByteController;
  #request: { readonly inner: ByobRequest; readonly seen: ReadableStreamBYOBRequest } | undefined =
    undefined;

  constructor(controller: unknown = undefined) {
    if (!(controller instanceof ByteController)) throw new TypeError('Illegal constructor');
    this.#controller = controller;
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    const inner = this.#controller.byobRequest;
    if (inner === undefined) return null;
    if (this.#request?.inner !== inner) {
      this.#request = { inner, seen: new ReadableStreamBYOBRequest(inner) };
    }
    return this.#request.seen;
  }

  get desiredSize(): number | null {
    return this.#controller.desiredSize;
  }

  close(): void {
    requireOpen(this.#controller);
    this.#controller.close();
  }

  enqueue(chunk: unknown): void {
    const controller = this.#controller;
    requireArguments(arguments.length, 1, 'ReadableByteStreamController.enqueue');
    if (!ArrayBufferIsView(chunk)) throw new TypeError('The chunk is not a view on a buffer');
    const { buffer, byteLength } = extentOf(chunk);
    if (byteLength === 0 || ArrayBufferPrototypeByteLength(buffer) === 0) {
      throw new TypeError('The chunk is empty');
    }
    requireOpen(controller);
    controller.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    this.#controller.error(reason);
  }

  static {
    defineInterface(this, 'ReadableByteStreamController');
  }
}

function requireOpen(controller: ByteController): void {
  if (!controller.canCloseOrEnqueue) {
    throw new TypeError('The stream is closed, closing or errored');
  }
}
