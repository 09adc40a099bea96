import { terminationReasons, type TerminationReason } from '@openworkers/core/termination-reason';
import type { SandboxRecord } from './messages.ts';
import {
  asRecord,
  readAmount,
  readChoice,
  readCount,
  readFlag,
  readOptionalText,
  readText,
  type JsonRecord,
} from './read-json.ts';

const handle = { max: 128 } as const;
const requestId = { max: 128, shape: /^[A-Za-z0-9._-]+$/ } as const;
const levels = ['error', 'warn', 'info', 'log', 'debug', 'trace'] as const;
const maxMessage = 64 * 1024;

const outcomes: readonly ('ok' | TerminationReason)[] = [
  'ok',
  // The keys of the table are exactly the termination reasons.
  ...(Object.keys(terminationReasons) as TerminationReason[]),
];

/** One log line or invocation, checked; fields that do not belong there are left out. */
export function readSandboxRecord(value: unknown): SandboxRecord {
  const record = asRecord(value, 'record');
  switch (readChoice(record, 'kind', ['log', 'invocation', 'dropped'] as const)) {
    case 'log':
      return readLog(record);
    case 'invocation':
      return readInvocation(record);
    default:
      return { kind: 'dropped', count: readCount(record, 'count') };
  }
}

function readLog(record: JsonRecord): SandboxRecord {
  const stack = readOptionalText(record, 'stack', { max: maxMessage });
  return {
    kind: 'log',
    handle: readText(record, 'handle', handle),
    requestId: readOptionalText(record, 'requestId', requestId),
    timeMs: readAmount(record, 'timeMs'),
    level: readChoice(record, 'level', levels),
    message: readText(record, 'message', { max: maxMessage }),
    ...(stack === undefined ? {} : { stack }),
  };
}

function readInvocation(record: JsonRecord): SandboxRecord {
  return {
    kind: 'invocation',
    handle: readOptionalText(record, 'handle', handle),
    requestId: readText(record, 'requestId', requestId),
    timeMs: readAmount(record, 'timeMs'),
    method: readText(record, 'method', { max: 32 }),
    path: readText(record, 'path', { max: 1024 }),
    status: readCount(record, 'status', { max: 599 }),
    outcome: readChoice(record, 'outcome', outcomes),
    cpuMs: readAmount(record, 'cpuMs'),
    wallMs: readAmount(record, 'wallMs'),
    isCold: readFlag(record, 'isCold'),
    memoryBytes: readAmount(record, 'memoryBytes'),
  };
}
