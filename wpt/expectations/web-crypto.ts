import type { AreaExpectations } from '../expectation.ts';

export const webCrypto: AreaExpectations = {};
