import type { Base64Exports } from './base64.ts';
import type { BlobExports } from './blob.ts';
import type { CacheExports } from './cache.ts';
import type { CompressionExports } from './compression.ts';
import type { CryptoExports } from './crypto.ts';
import type { DatabaseExports } from './database.ts';
import type { DigestStreamExports } from './digest-stream.ts';
import type { DomExceptionExports } from './dom-exception.ts';
import type { EncodingExports } from './encoding.ts';
import type { EventSourceExports } from './event-source.ts';
import type { EventExports } from './events.ts';
import type { FileReaderExports } from './file-reader.ts';
import type { FetchExports } from './fetch.ts';
import type { HtmlRewriterExports } from './html-rewriter.ts';
import type { KvExports } from './kv.ts';
import { LazyModule } from './lazy-module.ts';
import type { MessagingExports } from './messaging.ts';
import type { PerformanceExports } from './performance.ts';
import type { StorageExports } from './storage.ts';
import type { StreamExports } from './streams.ts';
import type { StructuredCloneExports } from './structured-clone.ts';
import type { TextStreamExports } from './text-streams.ts';
import type { UrlPatternExports } from './url-pattern.ts';
import type { UrlExports } from './url.ts';
import type { WasmStreamingExports } from './wasm-streaming.ts';
import type { WebsocketExports } from './websocket.ts';

/**
 * The bundler turns it into a call that evaluates the file, the first time. Its result must not be
 * used: making it goes through built-ins that worker code can patch.
 */
declare function require(path: string): void;

export const blobModule = new LazyModule<BlobExports>(() => {
  require('./blob.ts');
});
export const domExceptionModule = new LazyModule<DomExceptionExports>(() => {
  require('./dom-exception.ts');
});
export const encodingModule = new LazyModule<EncodingExports>(() => {
  require('./encoding.ts');
});
export const eventsModule = new LazyModule<EventExports>(() => {
  require('./events.ts');
});
export const eventSourceModule = new LazyModule<EventSourceExports>(() => {
  require('./event-source.ts');
});
export const wasmStreamingModule = new LazyModule<WasmStreamingExports>(() => {
  require('./wasm-streaming.ts');
});
export const fetchModule = new LazyModule<FetchExports>(() => {
  require('./fetch.ts');
});
export const streamsModule = new LazyModule<StreamExports>(() => {
  require('./streams.ts');
});
export const urlModule = new LazyModule<UrlExports>(() => {
  require('./url.ts');
});
export const urlPatternModule = new LazyModule<UrlPatternExports>(() => {
  require('./url-pattern.ts');
});
export const base64Module = new LazyModule<Base64Exports>(() => {
  require('./base64.ts');
});
export const compressionModule = new LazyModule<CompressionExports>(() => {
  require('./compression.ts');
});
export const cryptoModule = new LazyModule<CryptoExports>(() => {
  require('./crypto.ts');
});
export const fileReaderModule = new LazyModule<FileReaderExports>(() => {
  require('./file-reader.ts');
});
export const digestStreamModule = new LazyModule<DigestStreamExports>(() => {
  require('./digest-stream.ts');
});
export const messagingModule = new LazyModule<MessagingExports>(() => {
  require('./messaging.ts');
});
export const performanceModule = new LazyModule<PerformanceExports>(() => {
  require('./performance.ts');
});
export const structuredCloneModule = new LazyModule<StructuredCloneExports>(() => {
  require('./structured-clone.ts');
});
export const websocketModule = new LazyModule<WebsocketExports>(() => {
  require('./websocket.ts');
});
export const cacheModule = new LazyModule<CacheExports>(() => {
  require('./cache.ts');
});
export const textStreamsModule = new LazyModule<TextStreamExports>(() => {
  require('./text-streams.ts');
});
export const htmlRewriterModule = new LazyModule<HtmlRewriterExports>(() => {
  require('./html-rewriter.ts');
});
export const databaseModule = new LazyModule<DatabaseExports>(() => {
  require('./database.ts');
});
export const kvModule = new LazyModule<KvExports>(() => {
  require('./kv.ts');
});
export const storageModule = new LazyModule<StorageExports>(() => {
  require('./storage.ts');
});
