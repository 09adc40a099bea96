import type { AreaExpectations } from '../expectation.ts';

export const consoleApi: AreaExpectations = {};
