import { blobStateOf, Blob, BlobState, isBlob } from '../blob/blob.ts';
import { ByteRange } from '../blob/byte-range.ts';
import { File } from '../blob/file.ts';
import { parseFormData, serializeFormData } from '../blob/form-data-body.ts';
import { FormData, isFormData } from '../blob/form-data.ts';
import { blobModule } from './lazy-modules.ts';

const exports = {
  Blob,
  BlobState,
  blobStateOf,
  ByteRange,
  File,
  FormData,
  isBlob,
  isFormData,
  parseFormData,
  serializeFormData,
};

export type BlobExports = typeof exports;
blobModule.provide(exports);
