import type { WorkerLogRecord } from './engine/worker-engine.ts';
import type { InvocationLog } from './http/exchange-context.ts';
import type { FramedPipe } from './protocol/framed-pipe.ts';
import { frameTypes, type InvocationRecord, type SandboxRecord } from './protocol/messages.ts';

const flushAfterMs = 50;
const flushAtChars = 64 * 1024;
/** Three bytes of UTF-8 for each character, and escapes, stay below the limit of a frame. */
const maxRecordChars = 128 * 1024;

/** Log lines and invocations, sent to the runner a few times a second rather than one by one. */
export class RecordBatch implements InvocationLog {
  readonly #pipe: FramedPipe;
  readonly #flush = (): void => this.flush();
  #records: string[] = [];
  #chars = 0;
  #dropped = 0;
  #isScheduled = false;

  constructor(pipe: FramedPipe) {
    this.#pipe = pipe;
  }

  addInvocation(record: InvocationRecord): void {
    this.#add({ kind: 'invocation', ...record });
  }

  addLog(record: WorkerLogRecord): void {
    this.#add({ kind: 'log', ...record });
  }

  flush(): void {
    if (this.#records.length === 0) return;
    this.#pipe.send(frameTypes.records, 0, `[${this.#records.join(',')}]`);
    this.#records = [];
    this.#chars = 0;
  }

  /** Drops what comes while the runner does not read: logs must not take the memory of requests. */
  #add(record: SandboxRecord): void {
    const json = JSON.stringify(record);
    if (this.#pipe.isCongested || json.length > maxRecordChars) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.#add({ kind: 'dropped', count });
    }
    this.#records.push(json);
    this.#chars += json.length;
    if (this.#chars >= flushAtChars) this.flush();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => {
      this.#isScheduled = false;
      this.#flush();
    }, flushAfterMs);
  }
}
