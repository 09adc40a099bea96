export { bindingDescriptor, channelCost } from '@openworkers/runtime';
export {
  readCacheQuestion,
  type CachedResponse,
  type CacheHead,
  type CacheQuestion,
} from './channels/cache/cache-messages.ts';
export {
  readFetchQuestion,
  type FetchHead,
  type FetchQuestion,
} from './channels/fetch/fetch-messages.ts';
export type { EventOutcome, FailureReason, VersionKey } from './engine/worker-engine.ts';
export { visitConnectionChanges, type ConnectionState } from './protocol/connection-changes.ts';
export { FramedPipe, maxFrameBytes, type FramedPipeOptions } from './protocol/framed-pipe.ts';
export { encodeJsonAndText } from './protocol/json-and-text.ts';
export {
  connectionStates,
  frameTypes,
  type BootMessage,
  type ChannelQuestion,
  type ForwardedFailure,
  type ForwardedHead,
  type ForwardedResponse,
  type ForwardQuestion,
  type FrameType,
  type Invalidation,
  type InvocationRecord,
  type Refusal,
  type RouteAnswer,
  type RouteQuestion,
  type SandboxRecord,
  type SandboxRole,
  type StreamReset,
  type VersionAnswer,
  type WorkerRoute,
} from './protocol/messages.ts';
export {
  maxChannelMessageBytes,
  type ChannelHandler,
  type PipeChannel,
} from './protocol/pipe-channel.ts';
export { streamWindowBytes, type PipeStream, type StreamHandler } from './protocol/pipe-stream.ts';
export { ProtocolError } from './protocol/protocol-error.ts';
export { readSandboxMessage, type SandboxMessage } from './protocol/read-sandbox-message.ts';
export { StreamTable, type StreamTableOptions } from './protocol/stream-table.ts';
export {
  spawnSandbox,
  type HandoverHint,
  type SandboxExit,
  type SandboxProcess,
  type SpawnSandboxOptions,
} from './spawn.ts';
