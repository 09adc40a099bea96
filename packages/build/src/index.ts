export { bundleRuntime } from './bundle-runtime.ts';
export type { CodeType } from './bundle-worker.ts';
export {
  prepareVersion,
  type PreparedVersion,
  type PrepareVersionOptions,
} from './prepare-version.ts';
export type { EnvKey } from './trial-env.ts';
