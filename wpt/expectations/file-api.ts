import type { AreaExpectations, NotApplicableReason } from '../expectation.ts';

const interfaces: Readonly<Record<string, NotApplicableReason>> = {
  // Form controls and drag and drop are the only sources of a FileList.
  'FileList*': 'needs DOM',
};

export const fileApi: AreaExpectations = {
  notApplicable: {
    // Windows and dedicated workers have them, service workers do not.
    'FileAPI/FileReaderSync.worker.js': 'needs Worker',
    'FileAPI/url/url-format.any.js': 'needs Worker',
    'FileAPI/url/url-with-fetch.any.js': 'needs Worker',
    'FileAPI/url/url-with-xhr.any.js': 'needs Worker',
    'FileAPI/idlharness.any.js': interfaces,
    'FileAPI/idlharness.worker.js': {
      ...interfaces,
      'FileReaderSync*': 'needs Worker',
      'Stringification of new FileReaderSync()': 'needs Worker',
    },
  },
};
