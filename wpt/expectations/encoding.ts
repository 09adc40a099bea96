import type { AreaExpectations } from '../expectation.ts';

const lazy = 'a class that no worker has touched yet is behind a getter, until it is first read';

export const encoding: AreaExpectations = {
  notApplicable: {
    'encoding/encodeInto.any.js': {
      'encodeInto() into SharedArrayBuffer *': 'SharedArrayBuffer',
      'Invalid encodeInto() destination: *, backed by: SharedArrayBuffer': 'SharedArrayBuffer',
    },
    'encoding/textdecoder-copy.any.js': { '* (SharedArrayBuffer)': 'SharedArrayBuffer' },
    'encoding/textdecoder-streaming.any.js': { '* (SharedArrayBuffer)': 'SharedArrayBuffer' },
    // XMLHttpRequest exists in windows and dedicated workers only.
    'encoding/replacement-encodings.any.js': { '*': 'needs Worker' },
    'encoding/unsupported-encodings.any.js': { '*': 'needs Worker' },
  },
  failures: {
    'encoding/idlharness.any.js': {
      'TextDecoder interface: existence and properties of interface object': lazy,
    },
  },
};
