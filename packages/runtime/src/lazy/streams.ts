import { ContentPump } from '../dispatch/content-pump.ts';
import { ResponsePump } from '../dispatch/response-pump.ts';
import {
  lockForGood,
  proxyStream,
  readAll,
  streamOfBytes,
  streamOfIncoming,
  teeBody,
} from '../fetch/body-streams.ts';
import {
  FixedLengthStream,
  IdentityTransformStream,
} from '../streams/identity-transform-stream.ts';
import { ReadableState } from '../streams/readable-state.ts';
import {
  ReadableByteStreamController,
  ReadableStreamBYOBRequest,
} from '../streams/readable-byte-stream-controller.ts';
import { ReadableStreamBYOBReader } from '../streams/readable-stream-byob-reader.ts';
import { ReadableStreamDefaultController } from '../streams/readable-stream-default-controller.ts';
import { ReadableStreamDefaultReader } from '../streams/readable-stream-default-reader.ts';
import { isReadableStream, ReadableStream, readableStateOf } from '../streams/readable-stream.ts';
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from '../streams/strategies.ts';
import { isStream, transferStream } from '../streams/transfer.ts';
import { TransformStream, TransformStreamDefaultController } from '../streams/transform-stream.ts';
import { WritableStreamDefaultController } from '../streams/writable-stream-default-controller.ts';
import { WritableStreamDefaultWriter } from '../streams/writable-stream-default-writer.ts';
import { WritableStream } from '../streams/writable-stream.ts';
import { streamsModule } from './lazy-modules.ts';

const exports = {
  ByteLengthQueuingStrategy,
  ContentPump,
  CountQueuingStrategy,
  FixedLengthStream,
  IdentityTransformStream,
  isReadableStream,
  isStream,
  lockForGood,
  proxyStream,
  ReadableByteStreamController,
  ReadableState,
  readableStateOf,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  readAll,
  ResponsePump,
  streamOfBytes,
  streamOfIncoming,
  teeBody,
  transferStream,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

export type StreamExports = typeof exports;
streamsModule.provide(exports);
