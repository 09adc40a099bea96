import type { AreaExpectations } from '../expectation.ts';

export const domEvents: AreaExpectations = {};
