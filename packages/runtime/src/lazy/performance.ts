import { createNavigator, Navigator } from '../performance/navigator.ts';
import { createPerformance, Performance } from '../performance/performance.ts';
import { performanceModule } from './lazy-modules.ts';

const exports = {
  Navigator,
  navigator: createNavigator(),
  Performance,
  performance: createPerformance(),
};

export type PerformanceExports = typeof exports;
performanceModule.provide(exports);
