import type { AreaExpectations } from '../expectation.ts';

export const fetchApi: AreaExpectations = {};
