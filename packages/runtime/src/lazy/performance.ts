import { createNavigator, Navigator } from '../performance/navigator.ts';
import { PerformanceEntry } from '../performance/performance-entry.ts';
import { PerformanceMark } from '../performance/performance-mark.ts';
import { PerformanceMeasure } from '../performance/performance-measure.ts';
import { createPerformance, Performance } from '../performance/performance.ts';
import { performanceModule } from './lazy-modules.ts';

const exports = {
  Navigator,
  navigator: createNavigator(),
  Performance,
  performance: createPerformance(),
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
};

export type PerformanceExports = typeof exports;
performanceModule.provide(exports);
