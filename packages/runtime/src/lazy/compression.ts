import { dropCodecsOf } from '../compression/codec.ts';
import { CompressionStream, DecompressionStream } from '../compression/compression-stream.ts';
import { compressionModule } from './lazy-modules.ts';

const exports = { CompressionStream, DecompressionStream, dropCodecsOf };

export type CompressionExports = typeof exports;
compressionModule.provide(exports);
