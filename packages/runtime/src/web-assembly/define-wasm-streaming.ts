/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { wasmStreamingModule } from '../lazy/lazy-modules.ts';
import { ObjectDefineProperty } from '../primordials.ts';
import { requireArguments } from '../webidl/convert.ts';
import { promiseReject } from '../safe-promise.ts';

/** The parts of the WebAssembly API that are used here; only TypeScript's DOM library has them. */
declare const WebAssembly: {
  readonly compile: (bytes: Uint8Array) => Promise<object>;
  readonly instantiate: (bytes: Uint8Array, imports: unknown) => Promise<object>;
};

// Captured at boot: the hardened functions, which compile within the slice.
const webAssembly = WebAssembly;
const { compile, instantiate } = WebAssembly;

/** https://webassembly.github.io/spec/web-api/#streaming-modules */
export function defineWasmStreaming(): void {
  // Methods of an object: as natives, they are no constructors.
  const { compileStreaming, instantiateStreaming } = {
    compileStreaming(this: void, source: unknown): Promise<object> {
      return whenRead(arguments.length, source, (bytes) => compile(bytes));
    },
    instantiateStreaming(
      this: void,
      source: unknown,
      imports: unknown = undefined,
    ): Promise<object> {
      return whenRead(arguments.length, source, (bytes) => instantiate(bytes, imports));
    },
  };
  define('compileStreaming', compileStreaming);
  define('instantiateStreaming', instantiateStreaming);
}

function define(name: string, value: unknown): void {
  ObjectDefineProperty(webAssembly, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as object);
}

function whenRead(
  given: number,
  source: unknown,
  use: (bytes: Uint8Array) => Promise<object>,
): Promise<object> {
  try {
    requireArguments(given, 1, 'WebAssembly');
    return wasmStreamingModule.value.wasmBytesOf(source, use);
  } catch (error) {
    return promiseReject(error);
  }
}
