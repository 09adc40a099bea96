import type { AreaExpectations } from '../expectation.ts';

export const encoding: AreaExpectations = {
  notApplicable: {
    'encoding/encodeInto.any.js': {
      'encodeInto() into SharedArrayBuffer *': 'SharedArrayBuffer',
      'Invalid encodeInto() destination: *, backed by: SharedArrayBuffer': 'SharedArrayBuffer',
    },
    'encoding/textdecoder-copy.any.js': { '* (SharedArrayBuffer)': 'SharedArrayBuffer' },
    'encoding/textdecoder-streaming.any.js': { '* (SharedArrayBuffer)': 'SharedArrayBuffer' },
    'encoding/streams/decode-utf8.any.js': { '(harness)': 'SharedArrayBuffer' },
    // XMLHttpRequest exists in windows and dedicated workers only.
    'encoding/replacement-encodings.any.js': { '*': 'needs Worker' },
    'encoding/unsupported-encodings.any.js': { '*': 'needs Worker' },
  },
};
