import process from 'node:process';
import { Buffer } from './modules/buffer.ts';
import { globalTimers } from './modules/timers.ts';

/* Evaluated before everything else of a worker with `nodejs_compat`: what Node.js code takes for granted. */

for (const [name, value] of Object.entries({ Buffer, process, ...globalTimers })) {
  Object.defineProperty(globalThis, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: name in globalTimers,
  });
}
