import type { AreaExpectations, NotApplicableReason } from '../expectation.ts';

const shared: Readonly<Record<string, NotApplicableReason>> = {
  'chunk of type SharedArrayBuffer *': 'SharedArrayBuffer',
  'chunk of type shared Uint8Array *': 'SharedArrayBuffer',
};

export const compression: AreaExpectations = {
  notApplicable: {
    'compression/compression-bad-chunks.any.js': shared,
    'compression/decompression-bad-chunks.any.js': shared,
  },
};
