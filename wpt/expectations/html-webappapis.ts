import type { AreaExpectations } from '../expectation.ts';

const agent =
  'html/webappapis/scripting/processing-model-2/integration-with-the-javascript-agent-formalism';

export const htmlWebAppApis: AreaExpectations = {
  notApplicable: {
    [`${agent}/atomics-wait-async.https.any.js`]: 'SharedArrayBuffer',
    [`${agent}/requires-failure.https.any.js`]: 'SharedArrayBuffer',
    [`${agent}/requires-success.any.js`]: 'SharedArrayBuffer',
    'html/webappapis/structured-clone/structured-clone.any.js': {
      'Growable SharedArrayBuffer': 'SharedArrayBuffer',
      'Length-tracking *': 'growable buffers',
      'Resizable ArrayBuffer*': 'growable buffers',
      'Serializing OOB *': 'growable buffers',
      'Transferring OOB *': 'growable buffers',
    },
    'html/webappapis/system-state-and-capabilities/the-navigator-object/navigator.any.js': {
      // Asks with XMLHttpRequest, which exists in windows and dedicated workers only.
      'userAgent value': 'needs Worker',
    },
  },
  failures: {
    'html/webappapis/scripting/reporterror.any.js': {
      'self.reportError(*)': 'errors name the worker and its lines, not an address',
    },
    'html/webappapis/timers/evil-spec-example.any.js': {
      '(harness)': 'the handler of a timer is a string, and no code comes from strings here',
    },
  },
};
