import type { Bomb } from './bomb.ts';

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
  {
    name: 'the normal form of a giant text',
    handler: "'\\u0344'.repeat(2 ** 24).normalize('NFD');",
    ends: ['429 CpuTimeLimit', '429 MemoryLimit'],
    mayReplace: 'native call',
  },
  {
    name: 'a hundred million arguments',
    handler: 'Reflect.apply(Math.max, null, { length: 1e8 });',
    ends: ['429 CpuTimeLimit', '429 MemoryLimit', '500 Exception'],
    mayReplace: 'native call',
  },
];
