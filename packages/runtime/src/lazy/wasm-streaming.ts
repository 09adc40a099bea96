import { wasmBytesOf } from '../web-assembly/wasm-bytes.ts';
import { wasmStreamingModule } from './lazy-modules.ts';

const exports = { wasmBytesOf };

export type WasmStreamingExports = typeof exports;
wasmStreamingModule.provide(exports);
