import {
  ReflectGet,
  RegExpPrototypeExec,
  StringPrototypeToUpperCase,
  TypeError,
} from '../primordials.ts';
import { abortStateOf } from '../events/abort-state.ts';
import type { AbortState } from '../events/abort-state.ts';
import { isObject, toBoolean, toDictionary, toDomString, toUsvString } from '../webidl/convert.ts';
import { toByteString } from './header-syntax.ts';

/** https://fetch.spec.whatwg.org/#requestinit, converted; undefined is a missing member. */
export interface RequestInit {
  readonly body: unknown;
  readonly cache: string | undefined;
  readonly cf: unknown;
  readonly credentials: string | undefined;
  readonly headers: unknown;
  readonly integrity: string | undefined;
  readonly keepalive: boolean | undefined;
  readonly method: string | undefined;
  readonly mode: string | undefined;
  readonly redirect: string | undefined;
  readonly referrer: string | undefined;
  readonly referrerPolicy: string | undefined;
  readonly signal: AbortState | null | undefined;
}

/** Members are read in the order of WebIDL, which user code can observe. */
export function toRequestInit(value: unknown): RequestInit {
  const init = toDictionary(value, 'Request');
  const body: unknown = ReflectGet(init, 'body');
  const cache = toEnum(init, 'cache', caches);
  const cf: unknown = ReflectGet(init, 'cf');
  const credentials = toEnum(init, 'credentials', credentialModes);
  toEnum(init, 'duplex', ['half']);
  const headers: unknown = ReflectGet(init, 'headers');
  const integrity = toText(init, 'integrity');
  const keepalive: unknown = ReflectGet(init, 'keepalive');
  const method: unknown = ReflectGet(init, 'method');
  const methodText = method === undefined ? undefined : toByteString(method);
  const mode = toEnum(init, 'mode', modes);
  toEnum(init, 'priority', ['high', 'low', 'auto']);
  const redirect = toEnum(init, 'redirect', redirectModes);
  const referrer: unknown = ReflectGet(init, 'referrer');
  const referrerText = referrer === undefined ? undefined : toUsvString(referrer);
  const referrerPolicy = toEnum(init, 'referrerPolicy', referrerPolicies);
  const signal = toSignal(ReflectGet(init, 'signal'));
  const window: unknown = ReflectGet(init, 'window');
  if (window !== undefined && window !== null) throw new TypeError('window must be null');
  return {
    body,
    cache,
    cf,
    credentials,
    headers,
    integrity,
    keepalive: keepalive === undefined ? undefined : toBoolean(keepalive),
    method: methodText === undefined ? undefined : normalizeMethod(methodText),
    mode,
    redirect,
    referrer: referrerText,
    referrerPolicy,
    signal,
  };
}

const caches = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'];
const credentialModes = ['omit', 'same-origin', 'include'];
const modes = ['navigate', 'same-origin', 'no-cors', 'cors'];
const redirectModes = ['follow', 'error', 'manual'];
const referrerPolicies = [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
];
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const normalizedMethod = /^(?:delete|get|head|options|post|put)$/i;
const forbiddenMethod = /^(?:connect|trace|track)$/i;

function normalizeMethod(method: string): string {
  if (RegExpPrototypeExec(token, method) === null) throw new TypeError(`Invalid method: ${method}`);
  if (RegExpPrototypeExec(forbiddenMethod, method) !== null) {
    throw new TypeError(`Forbidden method: ${method}`);
  }
  const isNormalized = RegExpPrototypeExec(normalizedMethod, method) !== null;
  return isNormalized ? StringPrototypeToUpperCase(method) : method;
}

function toEnum(init: object, name: string, values: readonly string[]): string | undefined {
  const value: unknown = ReflectGet(init, name);
  if (value === undefined) return undefined;
  const text = toDomString(value);
  for (let i = 0; i < values.length; i += 1) if (values[i] === text) return text;
  throw new TypeError(`Invalid ${name}: ${text}`);
}

function toText(init: object, name: string): string | undefined {
  const value: unknown = ReflectGet(init, name);
  return value === undefined ? undefined : toDomString(value);
}

function toSignal(value: unknown): AbortState | null | undefined {
  if (value === undefined || value === null) return value;
  const state = isObject(value) ? abortStateOf(value) : undefined;
  if (state !== undefined) return state;
  throw new TypeError('signal is not an AbortSignal');
}
