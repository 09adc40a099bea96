export { bindingDescriptor } from './bindings/binding-descriptor.ts';
export { findAlgorithm, type CryptoOperation } from './crypto/algorithm-table.ts';
export {
  arrivalKinds,
  bodyAndDone,
  bodyKinds,
  channelCost,
  channelKinds,
  channelWindowBytes,
  contextModuleName,
  enterOps,
  flattenHeaders,
  hostOps,
  hostSyncOps,
  maxChannelDataBytes,
  type BootIsolate,
  type ChannelKind,
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
export {
  codecFormats,
  codecPieceBytes,
  codecSizeBytes,
  openCodecBytes,
  type CodecDirection,
  type CodecFormat,
  type CodecStep,
} from './compression/codec-contract.ts';
