import { DigestStream } from '../crypto/digest-stream.ts';
import { digestStreamModule } from './lazy-modules.ts';

const exports = { DigestStream };

export type DigestStreamExports = typeof exports;
digestStreamModule.provide(exports);
