import { bodyAndDone, bodyKinds, hostOps } from '@openworkers/runtime';
import { answerCall } from './host-calls.ts';
import { receiveForSocket } from './socket-messages.ts';
import { isCount } from './is-count.ts';
import type { WorkerEvent } from './worker-event.ts';
import type { WorkerInstance } from './worker-instance.ts';
import type { WorkerLogRecord } from './worker-engine.ts';

/** The four arguments of a host call, as they came. */
export interface Message {
  readonly a: unknown;
  readonly b: unknown;
  readonly c: unknown;
  readonly d: unknown;
}

const levels: readonly WorkerLogRecord['level'][] = [
  'error',
  'warn',
  'info',
  'log',
  'debug',
  'trace',
];

/**
 * Acts on one host call that names an event. Everything is checked, because whoever breaks the
 * runtime inside the isolate can send anything; what makes no sense is ignored.
 */
export function receiveForEvent(
  instance: WorkerInstance,
  event: WorkerEvent,
  op: unknown,
  message: Message,
): void {
  const { a } = message;
  switch (op) {
    case hostOps.respond:
      respond(instance, event, message);
      return;
    case hostOps.eventDone:
      event.eventDone();
      return;
    case hostOps.responseChunk:
      if (!(a instanceof ArrayBuffer) || a.byteLength === 0) return;
      if (!event.responseChunk(a)) instance.kill('MemoryLimit', event);
      return;
    case hostOps.responseEnd:
      event.responseEnd();
      return;
    case hostOps.responseError:
      event.responseError();
      return;
    case hostOps.pullRequestBody:
      if (isCount(a)) event.pullRequestBody(a);
      return;
    case hostOps.cancelRequestBody:
      event.cancelRequestBody();
      return;
    case hostOps.exception:
      exception(instance, event, message);
      return;
    case hostOps.noHandler:
      event.fail('NoHandler');
      return;
    case hostOps.handOverChannel:
      if (isCount(a)) event.handOver(a);
      return;
    case hostOps.openChannel:
    case hostOps.channelData:
    case hostOps.channelEnd:
    case hostOps.channelReset:
    case hostOps.channelCredit:
      if (!event.receiveChannel(op, message)) instance.kill('MemoryLimit', event);
      return;
    case hostOps.upgrade:
      upgrade(instance, event, a);
      return;
    default:
      receiveForSocket(event.socket, op, message);
  }
}

function respond(instance: WorkerInstance, event: WorkerEvent, message: Message): void {
  const { a: status, b: headers, c: kindAndDone, d: body } = message;
  if (!isCount(status) || status < 200 || status > 599 || typeof headers !== 'string') {
    refuse(instance, event, 'the response has no valid status or headers');
    return;
  }
  const isDone = isCount(kindAndDone) && kindAndDone >= bodyAndDone;
  const kind = isDone ? kindAndDone - bodyAndDone : kindAndDone;
  const problem = instance.headersProblem(headers);
  if (problem !== undefined) refuse(instance, event, problem);
  else if (kind === bodyKinds.none) event.respond(status, headers, kind, null);
  else if (kind === bodyKinds.text && typeof body === 'string')
    event.respond(status, headers, kind, body);
  else if (kind === bodyKinds.bytes && body instanceof ArrayBuffer)
    event.respond(status, headers, kind, body);
  else if (kind === bodyKinds.stream) event.respond(status, headers, kind, null);
  else refuse(instance, event, 'the response has no valid body');
  if (isDone) event.eventDone();
}

function upgrade(instance: WorkerInstance, event: WorkerEvent, headers: unknown): void {
  const problem =
    typeof headers === 'string'
      ? instance.headersProblem(headers)
      : 'the response has no valid headers';
  if (problem !== undefined) refuse(instance, event, problem);
  else if (typeof headers === 'string' && !event.upgrade(headers)) {
    refuse(instance, event, 'the client cannot be given a WebSocket');
  } else return;
  // Inside, the connection counts as open.
  event.stop('Exception');
}

function refuse(instance: WorkerInstance, event: WorkerEvent, problem: string): void {
  if (event.phase !== 'answering') return;
  instance.log(event, 'error', `The response could not be sent: ${problem}`);
  event.fail('Exception');
}

function exception(instance: WorkerInstance, event: WorkerEvent, message: Message): void {
  logException(instance, event, message);
  if (message.c !== 1) event.fail('Exception');
}

function logException(
  instance: WorkerInstance,
  event: WorkerEvent | undefined,
  { a: line, b: stack }: Message,
): void {
  instance.log(
    event,
    'error',
    typeof line === 'string' ? line : 'Uncaught',
    typeof stack === 'string' ? stack : '',
  );
}

/** Host calls that also exist outside events: console lines, timers, questions. */
export function receiveAnywhere(
  instance: WorkerInstance,
  event: WorkerEvent | undefined,
  op: unknown,
  message: Message,
): boolean {
  const { a, b, c, d } = message;
  switch (op) {
    case hostOps.call:
      if (isCount(a)) answerCall(instance, event, { id: a, name: b, argument: c, bytes: d });
      return true;
    case hostOps.log: {
      const level = levels.find((name) => name === a);
      if (level !== undefined && typeof b === 'string') instance.consoleLine(event, level, b);
      return true;
    }
    case hostOps.setTimer:
      if (isCount(a) && typeof b === 'number' && b === b) instance.setTimer(event, a, b);
      return true;
    case hostOps.clearTimer:
      if (isCount(a)) instance.clearTimer(a);
      return true;
    case hostOps.closeCodec:
      if (isCount(a)) instance.codecs.close(a);
      return true;
    case hostOps.watchRejections:
      instance.watchesRejections = a === 1;
      return true;
    case hostOps.exception:
      // One of an event also ends it.
      if (event !== undefined) return false;
      logException(instance, undefined, message);
      return true;
    default:
      return false;
  }
}
