import type { AreaExpectations } from '../expectation.ts';

export const messaging: AreaExpectations = {
  notApplicable: {
    'webmessaging/message-channels/close-event/garbage-collected.tentative.any.js': 'finalization',
    'webmessaging/message-channels/user-activation.tentative.any.js': 'needs Window',
    'webmessaging/message-channels/worker-post-after-close.any.js': 'needs Worker',
    'webmessaging/message-channels/worker.any.js': 'needs Worker',
  },
};
