import type { Logger } from '@openworkers/core';
import type { SandboxRecord } from '@openworkers/sandbox';
import type { Instance } from './handle-registry.ts';

/** A record whose worker the runner vouches for; undefined when no isolate ever ran the event. */
export interface BoundRecord {
  readonly instance: Instance | undefined;
  readonly record: SandboxRecord;
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
    const { kind, handle: _handle, ...fields } = record;
    const line = { ...instance, ...fields };
    if (kind === 'invocation') this.#log.info(line, 'request done');
    else this.#log.info({ ...line, level: undefined, workerLevel: record.level }, 'worker log');
  }
}
