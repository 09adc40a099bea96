import type { AreaExpectations } from '../expectation.ts';

const noStreams = 'there are no TextEncoderStream and TextDecoderStream yet';

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
    'encoding/encodeInto.any.js': {
      'encodeInto() and a detached output buffer': 'there is no MessageChannel yet',
    },
    'encoding/idlharness.any.js': {
      'TextDecoderStream *': noStreams,
      'TextEncoderStream *': noStreams,
    },
    'encoding/streams/backpressure.any.js': { '*': noStreams },
    'encoding/streams/decode-attributes.any.js': { '*': noStreams },
    'encoding/streams/decode-bad-chunks.any.js': { '*': noStreams },
    'encoding/streams/decode-ignore-bom.any.js': { '*': noStreams },
    'encoding/streams/decode-incomplete-input.any.js': { '*': noStreams },
    'encoding/streams/decode-non-utf8.any.js': { '*': noStreams },
    'encoding/streams/decode-split-character.any.js': { '*': noStreams },
    'encoding/streams/decode-utf8.any.js': { '*': noStreams },
    'encoding/streams/encode-bad-chunks.any.js': { '*': noStreams },
    'encoding/streams/encode-utf8.any.js': { '*': noStreams },
    'encoding/streams/readable-writable-properties.any.js': { '*': noStreams },
  },
};
