import { TextDecoderStream } from '../encoding/text-decoder-stream.ts';
import { TextEncoderStream } from '../encoding/text-encoder-stream.ts';
import { textStreamsModule } from './lazy-modules.ts';

const exports = { TextDecoderStream, TextEncoderStream };

export type TextStreamExports = typeof exports;
textStreamsModule.provide(exports);
