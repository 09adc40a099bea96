import { enterOps } from '@openworkers/runtime';
import type { WorkerEvent } from './worker-event.ts';
import type { WorkerInstance } from './worker-instance.ts';

/** A question of the isolate; only `id` has been checked. */
interface HostCall {
  readonly id: number;
  readonly name: unknown;
  readonly argument: unknown;
  readonly bytes: unknown;
}

/**
 * Answers what the isolate asks the sandbox itself. The CPU time goes to the event that asked;
 * without an event (module scope) to the background account.
 */
export function answerCall(
  instance: WorkerInstance,
  event: WorkerEvent | undefined,
  { id, name, argument, bytes }: HostCall,
): void {
  const sizeBytes = sizeOf(argument) + sizeOf(bytes);
  const asked = { instance, event, callId: id, sizeBytes };
  switch (name) {
    case 'crypto':
      instance.crypto.operation(asked, argument, bytes);
      break;
    case 'digestStream':
      instance.crypto.digestStream(asked, argument, bytes);
      break;
    case 'digest':
      instance.crypto.digest(asked, argument, bytes);
      break;
    case 'codec':
      instance.codecs.answer(event, { id, argument, bytes });
      break;
    default: {
      const account = event ?? instance.background;
      instance.runner.enter(account, enterOps.callResult, id, 0, 'There is no such call');
    }
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return value instanceof ArrayBuffer ? value.byteLength : 0;
}
