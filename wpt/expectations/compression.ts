import type { AreaExpectations } from '../expectation.ts';

export const compression: AreaExpectations = {};
