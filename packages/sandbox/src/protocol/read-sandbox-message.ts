import { channelKinds } from '@openworkers/runtime';
import { maxArgumentChars } from '../engine/channels/channel-opener.ts';
import type { VersionKey } from '../engine/worker-engine.ts';
import { readForwardQuestion, readVersionKey } from './forwarded-messages.ts';
import {
  frameTypes,
  type ChannelQuestion,
  type ForwardQuestion,
  type RouteQuestion,
  type SandboxRecord,
} from './messages.ts';
import { ProtocolError } from './protocol-error.ts';
import { asArray, asRecord, parseJson, readChoice, readText } from './read-json.ts';
import { readSandboxRecord } from './sandbox-record.ts';

/** What a sandbox says, apart from the frames about streams ({@link StreamTable.handleFrame}). */
export type SandboxMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'connections'; readonly changes: Buffer }
  | { readonly kind: 'askRoute'; readonly id: number; readonly question: RouteQuestion }
  | { readonly kind: 'askVersion'; readonly id: number; readonly key: VersionKey }
  | { readonly kind: 'records'; readonly records: readonly SandboxRecord[] }
  | { readonly kind: 'running'; readonly handles: readonly string[] }
  | { readonly kind: 'unstoppable'; readonly handle: string }
  | { readonly kind: 'overgrown' }
  | { readonly kind: 'alive' }
  | { readonly kind: 'forward'; readonly id: number; readonly question: ForwardQuestion }
  | { readonly kind: 'openChannel'; readonly id: number; readonly question: ChannelQuestion }
  | { readonly kind: 'drained' };

const maxRecords = 10_000;
const maxHandles = 1_000;
const requestIdShape = /^[A-Za-z0-9._-]+$/;
const hostShape = /^[a-z0-9.:[\]_-]+$/;

/**
 * Reads a frame that came from a sandbox, believing nothing: a compromised one may send anything.
 * What comes back is well-formed; whether the sandbox may say it is the runner's to decide.
 *
 * @throws ProtocolError on anything else; the caller ends that sandbox
 */
export function readSandboxMessage(type: number, id: number, payload: Buffer): SandboxMessage {
  switch (type) {
    case frameTypes.ready:
      return { kind: 'ready' };
    case frameTypes.connections:
      return { kind: 'connections', changes: payload };
    case frameTypes.askRoute:
      return { kind: 'askRoute', id, question: readRouteQuestion(payload) };
    case frameTypes.askVersion:
      return { kind: 'askVersion', id, key: readVersionKey(parseJson(payload)) };
    case frameTypes.records:
      return {
        kind: 'records',
        records: asArray(parseJson(payload), maxRecords).map(readSandboxRecord),
      };
    case frameTypes.running:
      return { kind: 'running', handles: asArray(parseJson(payload), maxHandles).map(readHandle) };
    case frameTypes.unstoppable:
      return {
        kind: 'unstoppable',
        handle: readHandle(asRecord(parseJson(payload), 'unstoppable')['handle']),
      };
    case frameTypes.alive:
      return { kind: 'alive' };
    case frameTypes.overgrown:
      return { kind: 'overgrown' };
    case frameTypes.forward:
      return { kind: 'forward', id, question: readForwardQuestion(payload) };
    case frameTypes.openChannel:
      return { kind: 'openChannel', id, question: readChannelQuestion(payload) };
    case frameTypes.drained:
      return { kind: 'drained' };
    default:
      throw new ProtocolError(`a sandbox may not send frame type ${type}`);
  }
}

function readRouteQuestion(payload: Buffer): RouteQuestion {
  const record = asRecord(parseJson(payload), 'askRoute');
  if (record['handle'] === undefined) {
    return { host: readText(record, 'host', { max: 253, shape: hostShape }) };
  }
  return {
    handle: readHandle(record['handle']),
    binding: readText(record, 'binding', { max: 64 }),
  };
}

function readChannelQuestion(payload: Buffer): ChannelQuestion {
  const record = asRecord(parseJson(payload), 'openChannel');
  return {
    kind: readChoice(record, 'kind', channelKinds),
    handle: readHandle(record['handle']),
    requestId: readText(record, 'requestId', { max: 128, shape: requestIdShape }),
    argument: readText(record, 'argument', { max: maxArgumentChars }),
  };
}

function readHandle(value: unknown): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 128) {
    throw new ProtocolError('not a handle');
  }
  return value;
}
