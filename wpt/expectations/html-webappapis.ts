import type { AreaExpectations } from '../expectation.ts';

export const htmlWebAppApis: AreaExpectations = {};
