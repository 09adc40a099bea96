export {
  bodyKinds,
  enterOps,
  flattenHeaders,
  hostOps,
  hostSyncOps,
  type BootIsolate,
  type Crossing,
  type EnterIsolate,
  type EnterOp,
  type EnvDescriptor,
  type FetchExtras,
  type HostFunctions,
  type HostOp,
  type HostSyncOp,
  type InstallOptions,
  type RegisteredHandlers,
} from './boundary.ts';
export { runtimeBundleFormat } from './bundle-format.ts';
