import type { Clock, Logger } from '@openworkers/core';
import type { SandboxRecord } from '@openworkers/sandbox';
import type { HandleRegistry, Instance } from './handle-registry.ts';
import type { RecordSink, WorkerRecord } from './record-sink.ts';
import type { StackMapper } from './stack-mapper.ts';
import { TokenBucket } from './token-bucket.ts';
import { countedLru } from './weighted-lru.ts';

export interface RecordIntakeOptions {
  readonly sink: RecordSink;
  readonly mapStack: StackMapper['map'];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Bytes of log text per second and worker; a burst may be ten seconds' worth. */
const logBytesPerSecond = 256 * 1024;
const burstSeconds = 10;
const perRecordBytes = 100;

/**
 * Takes what sandboxes say for the log: binds it to the worker that the handle was given for, maps
 * stacks to the worker's sources and bounds how much one worker can write.
 */
export class RecordIntake {
  readonly #options: RecordIntakeOptions;
  readonly #buckets = countedLru<string, TokenBucket>(10_000);
  readonly #dropped = new Map<string, number>();
  #lostInSandboxes = 0;

  constructor(options: RecordIntakeOptions) {
    this.#options = options;
  }

  /** The records of one frame, already checked for their form. */
  take(records: readonly SandboxRecord[], handles: HandleRegistry): void {
    for (const record of records) {
      if (record.kind === 'dropped') {
        this.#lostInSandboxes += record.count;
        continue;
      }
      const instance = record.handle === undefined ? undefined : handles.find(record.handle);
      if (record.kind === 'invocation') this.#options.sink.write({ instance, record });
      else if (instance !== undefined) this.#takeLog(record, instance);
    }
  }

  /** Says how many lines were dropped since the last call. */
  reportDropped(): void {
    for (const [workerId, lines] of this.#dropped) {
      this.#options.log.warn({ workerId, lines }, 'worker log lines dropped');
    }
    this.#dropped.clear();
    if (this.#lostInSandboxes === 0) return;
    this.#options.log.warn({ records: this.#lostInSandboxes }, 'sandboxes dropped records');
    this.#lostInSandboxes = 0;
  }

  #takeLog(given: WorkerRecord & { kind: 'log' }, instance: Instance): void {
    const { workerId, redactor } = instance;
    const bytes = given.message.length + (given.stack?.length ?? 0) + perRecordBytes;
    if (!this.#bucketOf(workerId).take(bytes, this.#options.clock.now())) {
      this.#dropped.set(workerId, (this.#dropped.get(workerId) ?? 0) + 1);
      return;
    }
    const { sink, mapStack } = this.#options;
    const record = { ...given, message: redactor.redact(given.message) };
    if (record.stack === undefined) {
      sink.write({ instance, record });
      return;
    }
    mapStack(record.stack, instance, (stack) =>
      sink.write({ instance, record: { ...record, stack: redactor.redact(stack) } }),
    );
  }

  #bucketOf(workerId: string): TokenBucket {
    const known = this.#buckets.get(workerId);
    if (known !== undefined) return known;
    const bucket = new TokenBucket({
      perSecond: logBytesPerSecond,
      burst: logBytesPerSecond * burstSeconds,
      nowMs: this.#options.clock.now(),
    });
    this.#buckets.set(workerId, bucket);
    return bucket;
  }
}
