import type { Duplex, Readable, Writable } from 'node:stream';
import type NodeStream from 'node:stream';
import { Buffer } from './modules/buffer.ts';

type Streams = Pick<typeof NodeStream, 'Duplex' | 'Readable' | 'Writable' | 'finished'>;
type Done = (error?: Error | null) => void;

/** Gives the library's classes `toWeb` and `fromWeb`, which it lacks. */
export function connectWebStreams(streams: Streams): void {
  const readables = {
    fromWeb: (web: ReadableStream, options?: object) =>
      new streams.Readable({ ...options, ...readsFrom(web) }),
    toWeb: (readable: Readable) => webReadable(streams, readable),
  };
  const writables = {
    fromWeb: (web: WritableStream, options?: object) =>
      new streams.Writable({ ...options, ...writesTo(web) }),
    toWeb: (writable: Writable) => webWritable(streams, writable),
  };
  const duplexes = {
    fromWeb: (pair: { readable: ReadableStream; writable: WritableStream }, options?: object) =>
      new streams.Duplex({ ...options, ...duplexOver(pair) }),
    toWeb: (duplex: Duplex) => ({
      readable: webReadable(streams, duplex),
      writable: webWritable(streams, duplex),
    }),
  };
  Object.assign(streams.Readable, readables);
  Object.assign(streams.Writable, writables);
  Object.assign(streams.Duplex, duplexes);
}

function readsFrom(web: ReadableStream<unknown>) {
  const reader = web.getReader();
  return {
    read(this: Readable): void {
      reader.read().then(
        ({ done, value }) => this.push(done ? null : toNodeChunk(value)),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error: Error | null, done: Done): void {
      reader.cancel(error ?? undefined).then(
        () => done(error),
        () => done(error),
      );
    },
  };
}

function writesTo(web: WritableStream<unknown>) {
  const writer = web.getWriter();
  return {
    write(chunk: unknown, _encoding: string, done: Done): void {
      writer.write(chunk).then(() => done(), done);
    },
    final(done: Done): void {
      writer.close().then(() => done(), done);
    },
    destroy(error: Error | null, done: Done): void {
      const ended = error === null ? Promise.resolve() : writer.abort(error);
      ended.then(
        () => done(error),
        () => done(error),
      );
    },
  };
}

function duplexOver({
  readable,
  writable,
}: {
  readable: ReadableStream;
  writable: WritableStream;
}) {
  const reads = readsFrom(readable);
  const writes = writesTo(writable);
  return {
    ...reads,
    ...writes,
    destroy(error: Error | null, done: Done): void {
      reads.destroy(error, () => writes.destroy(error, done));
    },
  };
}

function webReadable({ finished }: Streams, readable: Readable): ReadableStream<unknown> {
  return new ReadableStream<unknown>(
    {
      start(controller) {
        readable.pause();
        finished(readable, { writable: false }, (error) => {
          try {
            if (error === null || error === undefined) controller.close();
            else controller.error(error);
          } catch {
            // The reader has cancelled meanwhile.
          }
        });
        readable.on('data', (chunk: unknown) => {
          controller.enqueue(toWebChunk(chunk));
          if ((controller.desiredSize ?? 0) <= 0) readable.pause();
        });
      },
      pull: () => void readable.resume(),
      cancel: (reason) => void readable.destroy(reason instanceof Error ? reason : undefined),
    },
    { highWaterMark: 1 },
  );
}

function webWritable({ finished }: Streams, writable: Writable): WritableStream<unknown> {
  return new WritableStream<unknown>({
    start(controller) {
      finished(writable, { readable: false }, (error) => {
        if (error !== null && error !== undefined) controller.error(error);
      });
    },
    write: (chunk) =>
      new Promise((resolve, reject) => {
        writable.write(chunk, (error) =>
          error === null || error === undefined ? resolve() : reject(error),
        );
      }),
    close: () => new Promise((resolve) => void writable.end(resolve)),
    abort: (reason) => void writable.destroy(reason instanceof Error ? reason : undefined),
  });
}

function toNodeChunk(chunk: unknown): unknown {
  return chunk instanceof Uint8Array && !Buffer.isBuffer(chunk)
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : chunk;
}

function toWebChunk(chunk: unknown): unknown {
  return Buffer.isBuffer(chunk)
    ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : chunk;
}
