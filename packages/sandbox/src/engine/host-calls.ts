import { createHash, webcrypto } from 'node:crypto';
import { enterOps } from '@openworkers/runtime';
import type { CpuAccount } from './cpu-account.ts';
import { startJob } from './start-job.ts';
import type { WorkerEvent } from './worker-event.ts';
import type { WorkerInstance } from './worker-instance.ts';

/** A question of the isolate; only `id` has been checked. */
interface HostCall {
  readonly id: number;
  readonly name: unknown;
  readonly argument: unknown;
  readonly bytes: unknown;
}

/** By the names of Web Crypto: https://w3c.github.io/webcrypto/#sha */
const digests: ReadonlyMap<unknown, string> = new Map([
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** More than this is hashed on a thread, so that this one stays free for everybody else. */
const inlineBytes = 16 * 1024;
/**
 * Answers what the isolate asks the sandbox itself. The CPU time goes to the event that asked;
 * without an event (module scope) to the background account.
 */
export function answerCall(
  instance: WorkerInstance,
  event: WorkerEvent | undefined,
  call: HostCall,
): void {
  const account = event ?? instance.background;
  const algorithm = digests.get(call.argument);
  if (call.name !== 'digest' || algorithm === undefined || !(call.bytes instanceof ArrayBuffer)) {
    refuse(instance, account, { id: call.id, message: 'There is no such call' });
  } else if (call.bytes.byteLength <= inlineBytes) {
    const startedAt = performance.now();
    const digest = createHash(algorithm).update(new Uint8Array(call.bytes)).digest();
    instance.charge(account, performance.now() - startedAt);
    // A copy: small results share a pool, and what crosses is transferred.
    answer(instance, account, { id: call.id, bytes: new Uint8Array(digest).buffer });
  } else {
    const { bytes } = call;
    const isStarted = startJob(instance, event, {
      sizeBytes: bytes.byteLength,
      isLong: false,
      run: () => webcrypto.subtle.digest(String(call.argument), bytes),
      onResult: (result) => answer(instance, account, { id: call.id, bytes: result }),
      onError: () => refuse(instance, account, { id: call.id, message: 'The digest failed' }),
    });
    if (!isStarted) {
      refuse(instance, account, { id: call.id, message: 'Too many operations wait already' });
    }
  }
}

function answer(
  instance: WorkerInstance,
  account: CpuAccount,
  { id, bytes }: { readonly id: number; readonly bytes: ArrayBuffer },
): void {
  if (!instance.isDead) instance.runner.enter(account, enterOps.callResult, id, 1, bytes);
}

function refuse(
  instance: WorkerInstance,
  account: CpuAccount,
  { id, message }: { readonly id: number; readonly message: string },
): void {
  if (!instance.isDead) instance.runner.enter(account, enterOps.callResult, id, 0, message);
}
