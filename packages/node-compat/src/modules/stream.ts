import Stream from 'readable-stream/lib/stream';
import { connectWebStreams } from '../web-stream-adapters.ts';

connectWebStreams(Stream);
export const {
  _isUint8Array,
  _uint8ArrayToBuffer,
  addAbortSignal,
  compose,
  destroy,
  Duplex,
  finished,
  getDefaultHighWaterMark,
  isDisturbed,
  isErrored,
  isReadable,
  PassThrough,
  pipeline,
  promises,
  Readable,
  setDefaultHighWaterMark,
  Transform,
  Writable,
} = Stream as typeof Stream & Readonly<Record<string, unknown>>;
export { Stream, Stream as default };
