export { bundleRuntime } from './bundle-runtime.ts';
