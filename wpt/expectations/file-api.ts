import type { AreaExpectations } from '../expectation.ts';

export const fileApi: AreaExpectations = {};
