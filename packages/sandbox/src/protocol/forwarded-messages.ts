import { terminationReasons, type TerminationReason } from '@openworkers/core/termination-reason';
import type { FailureReason, VersionKey } from '../engine/worker-engine.ts';
import type {
  ForwardedFailure,
  ForwardedResponse,
  ForwardQuestion,
  StreamReset,
} from './messages.ts';
import { ProtocolError } from './protocol-error.ts';
import {
  asRecord,
  parseJson,
  readChoice,
  readCount,
  readFlag,
  readOptionalText,
  readText,
} from './read-json.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const requestIdShape = /^[A-Za-z0-9._-]+$/;
const methodShape = /^[A-Za-z-]+$/;
const urlShape = /^https?:\/\/\S+$/;
const maxVersion = 2 ** 31 - 1;
const maxHeaderText = 256 * 1024;

const failureReasons: readonly FailureReason[] = [
  // The keys of the table are exactly the termination reasons.
  ...(Object.keys(terminationReasons) as TerminationReason[]),
  'body_too_large',
  'unavailable',
];

export function readVersionKey(value: unknown): VersionKey {
  const record = asRecord(value, 'version key');
  return {
    workerId: readText(record, 'workerId', { max: 36, shape: uuid }),
    version: readCount(record, 'version', { min: 1, max: maxVersion }),
    environmentId: readOptionalText(record, 'environmentId', { max: 36, shape: uuid }),
    environmentRevision: readCount(record, 'environmentRevision'),
  };
}

/** What a sandbox asks to be run elsewhere; everything in it may be a lie, but it is well-formed. */
export function readForwardQuestion(payload: Buffer): ForwardQuestion {
  const record = asRecord(parseJson(payload), 'forward');
  return {
    key: readVersionKey(record['key']),
    requestId: readText(record, 'requestId', { max: 128, shape: requestIdShape }),
    method: readText(record, 'method', { max: 32, shape: methodShape }),
    url: readText(record, 'url', { max: 64 * 1024, shape: urlShape }),
    headers: readText(record, 'headers', { max: maxHeaderText }),
    hasBody: readFlag(record, 'hasBody'),
    isUpgrade: readFlag(record, 'isUpgrade'),
    depth: readCount(record, 'depth', { max: 1000 }),
  };
}

export function readForwardedResponse(payload: Buffer): ForwardedResponse {
  const record = asRecord(parseJson(payload), 'response head');
  const status = readCount(record, 'status', { min: 101, max: 599 });
  const hasBody = readFlag(record, 'hasBody');
  // Other informational ones are not final; after this one, bytes follow.
  if (status < 200 && (status !== 101 || !hasBody)) throw new ProtocolError('not a final status');
  return { status, headers: readText(record, 'headers', { max: maxHeaderText }), hasBody };
}

export function readForwardedFailure(payload: Buffer): ForwardedFailure {
  const record = asRecord(parseJson(payload), 'response failure');
  return { reason: readChoice(record, 'reason', failureReasons) };
}

export function readStreamReset(payload: Buffer): StreamReset {
  const record = asRecord(parseJson(payload), 'stream reset');
  return {
    reason: readChoice(record, 'reason', ['aborted', 'timeout', 'too_large', 'unwanted'] as const),
  };
}

export function readStreamCredit(payload: Buffer): number {
  const record = asRecord(parseJson(payload), 'stream credit');
  return readCount(record, 'bytes', { min: 1, max: 2 ** 31 });
}
