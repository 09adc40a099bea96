import { TextDecoder } from '../encoding/text-decoder.ts';
import { TextEncoder } from '../encoding/text-encoder.ts';
import { encodingModule } from './lazy-modules.ts';

const exports = { TextDecoder, TextEncoder };

export type EncodingExports = typeof exports;
encodingModule.provide(exports);
