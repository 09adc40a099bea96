import { expect } from 'vitest';
import { until } from '../testing/http-client.ts';
import { isAlive } from '../testing/processes.ts';
import { sandboxPids } from '../testing/sandboxes.ts';
import type { Bomb } from './bomb.ts';
import { failuresOf, isSameProcess, type BombRange, type Damage } from './bomb-range.ts';

/** The neighbour answered all along, and from the same process. */
export function expectUntouched({ neighbour, pidsBefore, pidsAfter }: Damage): void {
  expect(neighbour.requests).toBeGreaterThan(0);
  expect({ refused: [...neighbour.refused], broken: neighbour.broken }).toEqual({
    refused: [],
    broken: [],
  });
  expect(pidsAfter, 'the sandbox processes').toEqual(expect.arrayContaining([...pidsBefore]));
}

/** A bomb alone ends with its reason, and neither process nor neighbour notice. */
export async function attackAlone(
  range: BombRange,
  { bomb, connections }: { bomb: Bomb; connections: number },
): Promise<void> {
  const host = await range.plant(bomb);
  let ended = '';
  const damage = await range.attack(connections, async () => {
    ended = await range.setOff(host);
  });
  range.note(bomb.name, ended, damage);
  expect(bomb.ends).toContain(ended);
  expectUntouched(damage);
  await range.untilServing(host, '/calm');
}

/** Several bombs at once do no more than one alone, beside a neighbour on 32 connections. */
export async function attackTogether(range: BombRange, bombs: readonly Bomb[]): Promise<void> {
  const hosts = await Promise.all(bombs.map((bomb) => range.plant(bomb)));
  let ends: string[] = [];
  const damage = await range.attack(32, async () => {
    ends = await Promise.all(hosts.map((host) => range.setOff(host)));
  });
  range.note(namesOf(bombs), `${bombs.length} at once`, damage);
  for (const [index, bomb] of bombs.entries()) expect(bomb.ends, bomb.name).toContain(ends[index]);
  expectUntouched(damage);
}

/** A bomb that may cost the process costs nobody else anything, and only once. */
export async function attackProcess(range: BombRange, bomb: Bomb): Promise<void> {
  const host = await range.plant(bomb);
  const first = await setOffAndWaitForReplacement(range, host);
  range.note(`${bomb.name} (${bomb.mayReplace})`, first.ended, first.damage);
  expect(bomb.ends).toContain(first.ended);
  // A drained process answers everything.
  expect(failuresOf(first.damage.neighbour)).toBe(0);
  if (isSameProcess(first.damage)) return;

  // Now it runs in quarantine: whatever it does there, the neighbour's process stays.
  const again = await setOffAndWaitForReplacement(range, host);
  range.note(`${bomb.name}, in quarantine`, again.ended, again.damage);
  expect(failuresOf(again.damage.neighbour)).toBe(0);
}

async function setOffAndWaitForReplacement(
  range: BombRange,
  host: string,
): Promise<{ ended: string; damage: Damage }> {
  let ended = '';
  const damage = await range.attack(32, async () => {
    const pids = sandboxPids(range.platform);
    ended = await range.setOff(host);
    // An unstoppable script is given 2 s before the process is; drained, it must go at once.
    await until(() => pids.some((pid) => !isAlive(pid)), 4_000, 'a replacement').catch(() => 0);
  });
  return { ended, damage };
}

export function namesOf(bombs: readonly Bomb[]): string {
  return bombs.map(({ name }) => name).join('; ');
}
