import { hostOps } from '../boundary.ts';
import { currentContext, swapContext } from '../async-context/context.ts';
import type { Crossing } from '../boundary.ts';
import { Error } from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import { host } from './host.ts';
import { currentEventId } from './services.ts';

/** Something asked of the sandbox that it has not answered yet. */
interface PendingCall {
  readonly eventId: number;
  readonly context: unknown;
  readonly onResult: (result: Crossing, bytes: Crossing) => void;
  readonly onError: (error: Error) => void;
}

/** What is asked: see `hostOps.call`. */
interface HostCall extends Omit<PendingCall, 'eventId' | 'context'> {
  /** Whose it is; by default the event's that is running now. */
  readonly eventId?: number;
  readonly name: string;
  readonly argument: string;
  readonly bytes?: ArrayBuffer;
}

const pendingCalls = new SafeMap<number, PendingCall>();
let lastCallId = 0;

/**
 * Asks the sandbox for something, as part of an event. One of the functions is called in a later
 * slice of that event, or none when it ends before.
 */
export function callHost(call: HostCall): void {
  const { name, argument, bytes, onResult, onError, eventId = currentEventId() } = call;
  lastCallId += 1;
  pendingCalls.set(lastCallId, { eventId, context: currentContext(), onResult, onError });
  host(hostOps.call, eventId, lastCallId, name, argument, bytes);
}

/** The sandbox's answer: see `enterOps.callResult`. */
export function receiveCallResult(callId: unknown, isOk: Crossing, a: Crossing, b: Crossing): void {
  if (typeof callId !== 'number') return;
  const call = pendingCalls.get(callId);
  if (call === undefined) return;
  pendingCalls.delete(callId);
  swapContext(call.context);
  if (isOk === 1) call.onResult(a, b);
  else call.onError(new Error(typeof a === 'string' ? a : 'The call failed'));
}

/** Forgets what an event that is over has asked. */
export function dropCallsOf(eventId: number): void {
  pendingCalls.forEach((call, callId) => {
    if (call.eventId === eventId) pendingCalls.delete(callId);
  });
}
