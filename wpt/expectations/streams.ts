import type { AreaExpectations } from '../expectation.ts';

const owning = 'the stream type "owning" is a proposal that the standard has not taken up';

export const streams: AreaExpectations = {
  notApplicable: {
    // VideoFrame exists in windows and dedicated workers only.
    'streams/readable-streams/owning-type-video-frame.any.js': 'needs Worker',
  },
  failures: {
    'streams/readable-streams/owning-type.any.js': { '*': owning },
    'streams/readable-streams/owning-type-message-port.any.js': { '*': owning },
  },
};
