import type { Bomb } from './bomb.ts';
import { cpuBombs } from './cpu-bombs.ts';
import { errorBombs } from './error-bombs.ts';
import { hostBombs } from './host-bombs.ts';
import { memoryBombs } from './memory-bombs.ts';
import { nativeBombs } from './native-bombs.ts';
import { wasmBombs } from './wasm-bombs.ts';

const all: readonly Bomb[] = [
  ...cpuBombs,
  ...memoryBombs,
  ...wasmBombs,
  ...errorBombs,
  ...hostBombs,
  ...nativeBombs,
];

/** The sandbox process survives these. */
export const containedBombs = all.filter(({ mayReplace }) => mayReplace === undefined);

/** The sandbox process may have to be replaced after these. */
export const replacingBombs = all.filter(({ mayReplace }) => mayReplace !== undefined);
