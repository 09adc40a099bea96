import { FileReader } from '../blob/file-reader.ts';
import { ProgressEvent } from '../events/progress-event.ts';
import { fileReaderModule } from './lazy-modules.ts';

const exports = { FileReader, ProgressEvent };

export type FileReaderExports = typeof exports;
fileReaderModule.provide(exports);
