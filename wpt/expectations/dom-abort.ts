import type { AreaExpectations } from '../expectation.ts';

export const domAbort: AreaExpectations = {};
