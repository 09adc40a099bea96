import {
  codecFormats,
  codecPieceBytes,
  codecSizeBytes,
  enterOps,
  openCodecBytes,
  type CodecDirection,
  type CodecFormat,
  type CodecStep,
} from '@openworkers/runtime';
import type { CpuAccount } from '../cpu-account.ts';
import { startJob } from '../start-job.ts';
import type { WorkerEvent } from '../worker-event.ts';
import type { WorkerInstance } from '../worker-instance.ts';
import { Codec, type CodecOutput } from './codec.ts';

/** A question of the isolate about a codec; only `id` has been checked. */
interface CodecCall {
  readonly id: number;
  readonly argument: unknown;
  readonly bytes: unknown;
}

interface OpenCodec {
  readonly codec: Codec;
  readonly owner: WorkerEvent | undefined;
  readonly sizeBytes: number;
  isBusy: boolean;
}

interface CodecRequest {
  readonly step: CodecStep;
  readonly codecId: number;
  readonly direction: CodecDirection;
  readonly format: CodecFormat;
  readonly bytes: Uint8Array;
}

const states: Readonly<Record<CodecOutput['state'], number>> = { done: 0, more: 1, failed: 2 };
const noBytes = new Uint8Array(0);

/**
 * The codecs of one isolate; see `compression/codec-contract.ts` of the runtime. Each step is a job
 * of the event that owns the codec, and they end with it.
 */
export class CodecTable {
  readonly #instance: WorkerInstance;
  readonly #codecs = new Map<number, OpenCodec>();
  #lastId = 0;
  #sizeBytes = 0;

  constructor(instance: WorkerInstance) {
    this.#instance = instance;
  }

  /** Memory of the open codecs, as estimated. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  answer(event: WorkerEvent | undefined, call: CodecCall): void {
    const account = event ?? this.#instance.background;
    const request = readRequest(call);
    const open = request === undefined ? undefined : this.#open(request, event);
    if (request === undefined || open === undefined) {
      this.#refuse(account, call.id, 'There is no such codec');
      return;
    }
    open.isBusy = true;
    const isStarted = startJob(this.#instance, event, {
      sizeBytes: request.bytes.byteLength,
      isLong: false,
      run: () => run(open.codec, request),
      onResult: ({ bytes, state }) => {
        open.isBusy = false;
        this.#instance.runner.enter(account, enterOps.callResult, call.id, 1, states[state], bytes);
      },
      onError: (error) => {
        this.close(request.codecId);
        this.#refuse(account, call.id, error instanceof Error ? error.message : 'It failed');
      },
    });
    if (isStarted) return;
    this.close(request.codecId);
    this.#refuse(account, call.id, 'Too many operations wait already');
  }

  close(codecId: number): void {
    const open = this.#codecs.get(codecId);
    if (open === undefined) return;
    this.#codecs.delete(codecId);
    this.#sizeBytes -= open.sizeBytes;
    open.codec.close();
  }

  /** The event is over. */
  closeOf(event: WorkerEvent): void {
    for (const [id, { owner }] of this.#codecs) if (owner === event) this.close(id);
  }

  closeAll(): void {
    for (const id of this.#codecs.keys()) this.close(id);
  }

  /** Undefined when it cannot be used now, or not by this event. */
  #open(request: CodecRequest, owner: WorkerEvent | undefined): OpenCodec | undefined {
    const { codecId, direction, format } = request;
    const existing = this.#codecs.get(codecId);
    if (existing !== undefined) {
      return existing.owner === owner && !existing.isBusy ? existing : undefined;
    }
    const sizeBytes = codecSizeBytes(direction, format);
    // The runtime counts, too, and stops before.
    if (codecId <= this.#lastId || this.#sizeBytes + sizeBytes > openCodecBytes) return undefined;
    this.#lastId = codecId;
    this.#sizeBytes += sizeBytes;
    const codec = new Codec(direction, format);
    const made: OpenCodec = { codec, owner, sizeBytes, isBusy: false };
    this.#codecs.set(codecId, made);
    return made;
  }

  #refuse(account: CpuAccount, callId: number, message: string): void {
    if (this.#instance.isDead) return;
    this.#instance.runner.enter(account, enterOps.callResult, callId, 0, message);
  }
}

function run(codec: Codec, { step, bytes }: CodecRequest): Promise<CodecOutput> {
  if (step === 'write') return codec.write(bytes);
  return step === 'end' ? codec.end() : codec.more();
}

function readRequest({ argument, bytes }: CodecCall): CodecRequest | undefined {
  if (typeof argument !== 'string') return undefined;
  const [stepText, idText, directionText, formatText] = argument.split(' ', 4);
  const step = stepNames.find((name) => name === stepText);
  const direction = directionNames.find((name) => name === directionText);
  const format = codecFormats.find((name) => name === formatText);
  const codecId = Number(idText);
  if (step === undefined || direction === undefined || format === undefined) return undefined;
  if (!Number.isSafeInteger(codecId) || codecId < 1) return undefined;
  if (step !== 'write') return { step, codecId, direction, format, bytes: noBytes };
  if (!(bytes instanceof ArrayBuffer) || bytes.byteLength > codecPieceBytes) return undefined;
  return { step, codecId, direction, format, bytes: new Uint8Array(bytes) };
}

const stepNames: readonly CodecStep[] = ['write', 'end', 'more'];
const directionNames: readonly CodecDirection[] = ['compress', 'decompress'];
