import { createHash, webcrypto } from 'node:crypto';
import { enterOps } from '@openworkers/runtime';
import type { CpuAccount } from '../cpu-account.ts';
import type { SliceArgument } from '../isolate/worker-isolate.ts';
import type { MainThreadWork } from '../main-thread-work.ts';
import { startJob } from '../start-job.ts';
import type { WorkerEvent } from '../worker-event.ts';
import type { WorkerInstance } from '../worker-instance.ts';
import { CryptoRefusal, refusalText } from './crypto-refusal.ts';
import type { HeldKey } from './held-key.ts';
import { nodeHash, toArrayBuffer } from './inline-operations.ts';
import { KeyRing } from './key-ring.ts';
import { KeySealer } from './key-sealer.ts';
import { planOperation } from './plan-operation.ts';
import { bytesOutcome, mostBytesNow, type Outcome, type Plan } from './plan.ts';
import { StreamHashes } from './stream-hashes.ts';
import { readRequest } from './read-request.ts';

/** One question of an isolate. */
interface Asked {
  readonly instance: WorkerInstance;
  /** Undefined at module scope: the background pays. */
  readonly event: WorkerEvent | undefined;
  readonly callId: number;
  readonly sizeBytes: number;
}

/**
 * Does for the isolates what `crypto.subtle` cannot do inside of them. Keys stay in this process: an
 * isolate has them sealed. The CPU time is the event's.
 */
export class CryptoDesk {
  readonly #sealer = new KeySealer();
  readonly #rings = new WeakMap<WorkerInstance, KeyRing>();
  readonly #streamHashes = new StreamHashes();
  readonly #work: MainThreadWork;

  constructor(work: MainThreadWork) {
    this.#work = work;
  }

  /** @param name A hash of Web Crypto. */
  digest(asked: Asked, name: unknown, bytes: unknown): void {
    this.#answer(asked, () => planDigest(name, bytes));
  }

  /** One step of a `DigestStream`. */
  digestStream(asked: Asked, json: unknown, bytes: unknown): void {
    this.#answer(asked, () => this.#streamHashes.plan(accountOf(asked), json, bytes));
  }

  operation(asked: Asked, json: unknown, bytes: unknown): void {
    const ring = this.#ringOf(asked.instance);
    this.#answer(asked, () => planOperation(readRequest(json, bytes), ring));
  }

  /** Plans it now, which needs little time, and does it as this thread and the others have time. */
  #answer(asked: Asked, makePlan: () => Plan): void {
    let plan: Plan | undefined;
    this.#spend(asked, () => {
      try {
        plan = makePlan();
      } catch (error) {
        refuse(asked, error);
      }
    });
    if (plan !== undefined && isWanted(asked)) this.#follow(asked, plan);
  }

  #follow(asked: Asked, { now, later, isLong = false }: Plan): void {
    const { instance, event, sizeBytes } = asked;
    const account = accountOf(asked);
    const onError = (error: unknown): void => refuse(asked, error);
    const onResult = (outcome: Outcome): void => this.#deliver(asked, outcome);
    let isAccepted = true;
    if (now !== undefined && (later === undefined || this.#work.hasRoom(instance.runner))) {
      isAccepted = this.#work.add(instance.runner, {
        account,
        sizeBytes,
        isWanted: () => isWanted(asked),
        run: () => perform(now, onResult, onError),
        onSpent: (elapsedMs) => instance.chargeOwnThread(account, elapsedMs),
      });
    } else if (later !== undefined) {
      isAccepted = startJob(instance, event, { sizeBytes, isLong, run: later, onResult, onError });
    }
    if (!isAccepted) {
      refuse(asked, new CryptoRefusal('OperationError', 'Too many operations wait already'));
    }
  }

  #deliver(asked: Asked, outcome: Outcome): void {
    if (!isWanted(asked)) return;
    switch (outcome.kind) {
      case 'bytes':
        answer(asked, outcome.bytes);
        break;
      case 'boolean':
        answer(asked, outcome.value ? 1 : 0);
        break;
      case 'json':
        answer(asked, outcome.json);
        break;
      case 'keys':
        this.#spend(asked, () => this.#answerKeys(asked, outcome.keys));
        break;
      case 'plan':
        this.#follow(asked, outcome.plan);
    }
  }

  #answerKeys(asked: Asked, keys: readonly HeldKey[]): void {
    const ring = this.#ringOf(asked.instance);
    const sealed = keys.map((key) => ring.seal(key));
    const descriptions = keys.map(({ attributes }, at) => ({
      ...attributes,
      algorithm: JSON.stringify(attributes.algorithm),
      sealedBytes: sealed[at]?.byteLength ?? 0,
    }));
    answer(asked, JSON.stringify(descriptions), toArrayBuffer(Buffer.concat(sealed)));
  }

  #ringOf(instance: WorkerInstance): KeyRing {
    let ring = this.#rings.get(instance);
    if (ring === undefined) {
      ring = new KeyRing(this.#sealer, instance.handle);
      this.#rings.set(instance, ring);
    }
    return ring;
  }

  /** Does what cannot wait, at the cost of who asked. */
  #spend(asked: Asked, run: () => void): void {
    const startedAt = performance.now();
    run();
    const spentMs = performance.now() - startedAt;
    this.#work.count(asked.instance.runner, spentMs);
    asked.instance.chargeOwnThread(accountOf(asked), spentMs);
  }
}

function planDigest(name: unknown, bytes: unknown): Plan {
  const isHash = name === 'SHA-1' || name === 'SHA-256' || name === 'SHA-384' || name === 'SHA-512';
  if (!isHash || !(bytes instanceof ArrayBuffer)) {
    throw new CryptoRefusal('OperationError', 'The request is malformed');
  }
  if (bytes.byteLength > mostBytesNow) {
    return { later: async () => bytesOutcome(await webcrypto.subtle.digest(name, bytes)) };
  }
  const digest = (): Buffer => createHash(nodeHash(name)).update(new Uint8Array(bytes)).digest();
  return { now: () => bytesOutcome(toArrayBuffer(digest())) };
}

function perform(
  run: () => Outcome | Promise<Outcome>,
  onResult: (outcome: Outcome) => void,
  onError: (error: unknown) => void,
): void {
  try {
    const outcome = run();
    if (outcome instanceof Promise) outcome.then(onResult, onError);
    else onResult(outcome);
  } catch (error) {
    onError(error);
  }
}

function accountOf({ instance, event }: Asked): CpuAccount {
  return event ?? instance.background;
}

function isWanted({ instance, event }: Asked): boolean {
  return !instance.isDead && event?.phase !== 'over';
}

function answer(asked: Asked, result: SliceArgument, bytes?: ArrayBuffer): void {
  if (!isWanted(asked)) return;
  const { instance, callId } = asked;
  instance.runner.enter(accountOf(asked), enterOps.callResult, callId, 1, result, bytes);
}

function refuse(asked: Asked, error: unknown): void {
  if (!isWanted(asked)) return;
  const { instance, callId } = asked;
  instance.runner.enter(accountOf(asked), enterOps.callResult, callId, 0, refusalText(error));
}
