import type { AreaExpectations } from '../expectation.ts';

export const urlPattern: AreaExpectations = {};
