import type { AreaExpectations } from '../expectation.ts';

export const urlPattern: AreaExpectations = {
  notApplicable: {
    // `compareComponent` and `generate` are not in the standard.
    'urlpattern/urlpattern-compare.tentative.any.js': 'proposal',
    'urlpattern/urlpattern-compare.tentative.https.any.js': 'proposal',
    'urlpattern/urlpattern-generate.tentative.any.js': 'proposal',
  },
};
