import type { Bomb } from './bomb.ts';

/** Reading a thrown value may run code: then it is stopped. Not reading it is as good. */
const readOrNot = ['429 CpuTimeLimit', '500 Exception'] as const;
/** The same after an answer that was already given. */
const answered = ['200', '429 CpuTimeLimit', '500 Exception'] as const;

const spin = 'const spin = () => { for (;;); };';
const evil: Record<string, string> = {
  message: `Object.defineProperty(new Error('x'), 'message', { get: spin })`,
  stack: `Object.defineProperty(new Error('x'), 'stack', { get: spin })`,
  name: `Object.defineProperty(new Error('x'), 'name', { get: spin })`,
  cause: `Object.defineProperty(new Error('x'), 'cause', { get: spin })`,
  constructor: `Object.defineProperty(new Error('x'), 'constructor', { get: spin })`,
  toString: `({ toString: spin, valueOf: spin, [Symbol.toPrimitive]: spin })`,
  'proxy of an error': `new Proxy(new Error('x'), { get: spin, has: spin, ownKeys: spin, getPrototypeOf: spin, getOwnPropertyDescriptor: spin })`,
};

export const errorBombs: readonly Bomb[] = [
  ...Object.entries(evil).flatMap(([name, value]): Bomb[] => [
    {
      name: `a thrown value with an endless ${name}`,
      handler: `${spin} throw ${value};`,
      ends: readOrNot,
    },
    {
      name: `a rejection left behind with an endless ${name}`,
      handler: `${spin} Promise.reject(${value});`,
      ends: answered,
      ...(name === 'proxy of an error' && { mayReplace: 'thrown value' }),
    },
  ]),
  {
    name: 'an endless getter on an error thrown by a timer',
    handler: `${spin} setTimeout(() => { throw ${evil['message']}; }, 1);
      await new Promise((resolve) => setTimeout(resolve, 50));`,
    ends: answered,
  },
  {
    name: 'an endless getter on an error given to waitUntil',
    handler: `${spin} ctx.waitUntil(Promise.reject(${evil['stack']}));`,
    ends: answered,
  },
  {
    name: 'an endless getter on a logged value',
    handler: `${spin} console.log(${evil['toString']}, ${evil['proxy of an error']}, ${evil['message']});`,
    ends: answered,
  },
  {
    name: 'an endless Error.prepareStackTrace on a thrown error',
    handler: `${spin} Error.prepareStackTrace = spin; throw new Error('x');`,
    ends: readOrNot,
  },
  {
    name: "an endless Error.prepareStackTrace on the engine's own error",
    handler: `${spin} Error.prepareStackTrace = spin; null.property;`,
    ends: readOrNot,
  },
  {
    name: 'an endless Error.prepareStackTrace on a rejection left behind',
    handler: `${spin} Error.prepareStackTrace = spin; Promise.reject(new Error('x'));`,
    ends: answered,
  },
  {
    name: 'an endless getter on what is returned in place of a Response',
    handler: `${spin} return new Proxy({}, { get: spin, has: spin, getPrototypeOf: spin });`,
    ends: readOrNot,
  },
  {
    name: 'an endless then on what is returned in place of a Response',
    handler: `${spin} return { get then() { spin(); } };`,
    ends: ['429 CpuTimeLimit'],
  },
  {
    name: 'an error message of 100 MB',
    handler: "throw new Error('x'.repeat(100_000_000));",
    limits: { cpuMs: 20_000 },
    ends: ['500 Exception', '429 MemoryLimit'],
  },
  {
    name: 'endless causes',
    handler:
      "const error = new Error('x'); error.cause = error; error.errors = [error]; throw error;",
    ends: ['500 Exception'],
  },
];
