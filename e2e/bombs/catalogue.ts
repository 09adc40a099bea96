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

/** The bombs of these names. @throws Error when there is none of that name */
export function bombsNamed(names: readonly string[]): Bomb[] {
  return names.map((name) => {
    const bomb = all.find((each) => each.name === name);
    if (bomb === undefined) throw new Error(`there is no bomb "${name}"`);
    return bomb;
  });
}
