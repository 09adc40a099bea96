import { cpuToSpare, type Bomb } from './bomb.ts';

/** Single calls that V8 does not interrupt, or not soon. */
export const nativeBombs: readonly Bomb[] = [
  {
    name: 'a giant BigInt',
    handler: 'let number = 3n; for (;;) number *= number;',
    ends: ['429 CpuTimeLimit', '500 Exception'],
    mayReplace: 'native call',
  },
  {
    name: 'a giant BigInt as text',
    handler: '(3n ** (2n ** 24n)).toString();',
    ends: ['429 CpuTimeLimit'],
    mayReplace: 'native call',
  },
  {
    name: 'a search through 2^53 missing elements',
    handler: 'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);',
    ends: ['429 CpuTimeLimit'],
    mayReplace: 'native call',
  },
];
void cpuToSpare;
