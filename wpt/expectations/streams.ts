import type { AreaExpectations } from '../expectation.ts';

export const streams: AreaExpectations = {};
