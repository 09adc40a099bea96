import { hostOps } from '../boundary.ts';
import type { Crossing } from '../boundary.ts';
import { host } from '../dispatch/host.ts';
import { eventsModule } from '../lazy/lazy-modules.ts';
import {
  BigInt,
  Error,
  EvalError,
  Number,
  ObjectDefineProperty,
  ObjectHasOwn,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
} from '../primordials.ts';

/** See `enterOps.unhandledRejection`. */
interface Rejection {
  readonly line: unknown;
  readonly stack: Crossing;
  readonly type: Crossing;
  readonly text: Crossing;
  readonly name: Crossing;
}

/** Tells the listeners of `unhandledrejection`, and the log unless one of them prevents it. */
export function reportRejection(eventId: number, rejection: Rejection): void {
  const isHandled = eventsModule.loaded?.globalEvents.reportRejection(reasonOf(rejection)) ?? false;
  if (isHandled) return;
  const line = typeof rejection.line === 'string' ? rejection.line : 'Uncaught';
  host(hostOps.exception, eventId, line, rejection.stack, 1);
}

const errors: Readonly<Record<string, new (message?: string) => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** What the reason looked like from outside of the isolate. */
function reasonOf({ type, text, name, stack }: Rejection): unknown {
  switch (type) {
    case 'string':
      return text;
    case 'number':
      return Number(text);
    case 'bigint':
      return BigInt(typeof text === 'string' ? text : 0);
    case 'boolean':
      return text === 'true';
    case 'null':
      return null;
    case 'error':
      return errorOf(name, text, stack);
    default:
      return undefined;
  }
}

function errorOf(name: Crossing, message: Crossing, stack: Crossing): Error {
  const given = typeof name === 'string' ? name : 'Error';
  const Known = ObjectHasOwn(errors, given) ? errors[given] : undefined;
  const error = new (Known ?? Error)(typeof message === 'string' ? message : '');
  if (Known === undefined) define(error, 'name', given);
  if (typeof stack === 'string') define(error, 'stack', stack);
  return error;
}

function define(error: Error, key: string, value: string): void {
  ObjectDefineProperty(error, key, {
    __proto__: null,
    value,
    writable: true,
    configurable: true,
  } as object);
}
