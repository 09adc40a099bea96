import type { AreaExpectations } from '../expectation.ts';

const agent =
  'html/webappapis/scripting/processing-model-2/integration-with-the-javascript-agent-formalism';

const handlers = 'html/webappapis/scripting/events/event-handler-processing-algorithm-error';
const noErrorEvents = 'the global object fires no error events yet';
const noPorts = 'there is no MessageChannel yet';

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
    [`${handlers}/synthetic-errorevent-click.worker.js`]: { '*': noErrorEvents },
    [`${handlers}/workerglobalscope-runtime-error.worker.js`]: { '*': noErrorEvents },
    [`${handlers}/workerglobalscope-synthetic-errorevent.worker.js`]: { '*': noErrorEvents },
    [`${handlers}/workerglobalscope-synthetic-event.worker.js`]: { '*': noErrorEvents },
    'html/webappapis/microtask-queuing/queue-microtask-exceptions.any.js': { '*': noErrorEvents },
    'html/webappapis/scripting/reporterror.any.js': { '*': noErrorEvents },
    'html/webappapis/structured-clone/structured-clone.any.js': {
      'A detached platform object cannot be transferred': noPorts,
      'An object whose interface is deleted from the global object must still be received': noPorts,
      MessagePort: noPorts,
    },
    'html/webappapis/timers/evil-spec-example.any.js': {
      '(harness)': 'the handler of a timer is a string, and no code comes from strings here',
    },
  },
};
