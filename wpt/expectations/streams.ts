import type { AreaExpectations } from '../expectation.ts';

export const streams: AreaExpectations = {
  notApplicable: {
    // The stream type "owning", which the standard has not taken up.
    'streams/readable-streams/owning-type.any.js': 'proposal',
    'streams/readable-streams/owning-type-message-port.any.js': 'proposal',
    // VideoFrame exists in windows and dedicated workers only.
    'streams/readable-streams/owning-type-video-frame.any.js': 'needs Worker',
  },
};
