import type { AreaExpectations } from '../expectation.ts';

export const url: AreaExpectations = {};
