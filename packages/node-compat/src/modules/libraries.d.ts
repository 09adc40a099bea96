/*
 * npm libraries that have no types, or share their name with a module of Node.js: a slash behind
 * the name means the library, as in Node.js.
 */
declare module 'events/' {
  import { EventEmitter } from 'node:events';
  export { EventEmitter };
}
declare module 'buffer/' {
  export { Buffer, SlowBuffer, kMaxLength, INSPECT_MAX_BYTES } from 'node:buffer';
}
declare module 'string_decoder/' {
  export { StringDecoder } from 'node:string_decoder';
}
declare module 'assert/' {
  import assert from 'node:assert';
  export { assert as default };
}
declare module 'assert/build/internal/util/comparisons.js' {
  export function isDeepStrictEqual(one: unknown, other: unknown): boolean;
}
declare module 'path-browserify' {
  import path from 'node:path';
  export { path as default };
}
declare module 'readable-stream/lib/stream' {
  import Stream from 'node:stream';
  export { Stream as default };
}
