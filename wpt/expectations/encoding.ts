import type { AreaExpectations } from '../expectation.ts';

export const encoding: AreaExpectations = {};
