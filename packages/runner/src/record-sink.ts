import type { Logger } from '@openworkers/core';
import type { SandboxRecord } from '@openworkers/sandbox';
import type { Instance } from './handle-registry.ts';

/** A record about an event of a worker. */
export type WorkerRecord = Exclude<SandboxRecord, { kind: 'dropped' }>;

/** A record whose worker the runner vouches for; undefined when no isolate ever ran the event. */
export interface BoundRecord {
  readonly instance: Instance | undefined;
  readonly record: WorkerRecord;
}

/** Where records go. */
export interface RecordSink {
  write(record: BoundRecord): void;
}

/** Writes one JSON line per record. */
export class LogRecordSink implements RecordSink {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  write({ instance, record }: BoundRecord): void {
    // The handle is the sandbox's secret and of no use to a reader.
    if (record.kind === 'invocation') {
      const { kind: _kind, handle: _handle, ...fields } = record;
      this.#log.info({ ...instance, ...fields }, 'request done');
    } else {
      // `level` is the runner's own: a worker's error is no error of the platform.
      const { kind: _kind, handle: _handle, level, ...fields } = record;
      this.#log.info({ ...instance, ...fields, workerLevel: level }, 'worker log');
    }
  }
}
