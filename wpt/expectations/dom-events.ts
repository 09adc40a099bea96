import type { AreaExpectations } from '../expectation.ts';

export const domEvents: AreaExpectations = {
  failures: {
    'dom/events/event-global.worker.js': { '*': 'the global object is no EventTarget yet' },
  },
};
