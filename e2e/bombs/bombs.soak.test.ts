import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackAlone, attackProcess, attackTogether, expectUntouched, namesOf } from './attacks.ts';
import { BombRange } from './bomb-range.ts';
import { containedBombs, replacingBombs } from './catalogue.ts';

let range: BombRange;

beforeAll(async () => {
  range = await BombRange.open();
});
afterAll(async () => {
  console.log(range.report());
  await range.close();
});

describe('a bomb alone ends with its reason, and neither process nor neighbour notice', () => {
  test.each(containedBombs.map((bomb) => [bomb.name, bomb] as const))('%s', async (_name, bomb) => {
    await attackAlone(range, { bomb, connections: 4 });
  });
});

describe('eight bombs at once do no more than one alone', () => {
  const groups = Array.from({ length: Math.ceil(containedBombs.length / 8) }, (_, index) =>
    containedBombs.slice(index * 8, index * 8 + 8),
  );
  test.each(groups.map((group) => [namesOf(group), group] as const))(
    '%s',
    async (_names, group) => {
      await attackTogether(range, group);
    },
  );
});

describe('what bombs leave behind in the process', () => {
  test('the memory kept after a bomb serves the next one: eight in a row keep no more than two', async () => {
    const kept: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const host = await range.plant({
        handler: 'const keep = []; for (;;) keep.push(new Array(10_000).fill(1.5));',
        limits: { cpuMs: 8_000 },
      });
      const damage = await range.attack(1, async () => {
        expect(await range.setOff(host)).toBe('429 MemoryLimit');
      });
      kept.push(damage.mibAfter);
    }
    expect(kept.at(-1)).toBeLessThan((kept[1] ?? 0) + 96);
  });

  test('a worker that hoards WebAssembly memories leaves address space to the others', async () => {
    const hoarder = await range.plant({
      module: 'const keep = [];',
      handler: `try { for (let i = 0; i < 50_000; i += 1) keep.push(new WebAssembly.Memory({ initial: 1 })); } catch {}`,
      limits: { cpuMs: 8_000 },
    });
    const honest = await range.plant({
      handler: `return new Response('x', { status: new WebAssembly.Memory({ initial: 1 }).buffer.byteLength === 65_536 ? 200 : 500 });`,
    });
    const damage = await range.attack(4, async () => {
      const ended = await range.setOff(hoarder);
      expect(['200', '429 MemoryLimit', '500 Exception']).toContain(ended);
      expect(await range.setOff(honest)).toBe('200');
    });
    expectUntouched(damage);
  });
});

describe('module scope', () => {
  const spinsLater = 'for (;;);';

  test('a module that never ends is refused at deploy', async () => {
    await expect(range.platform.deploy('endless-module', 'for (;;);')).rejects.toThrow(/start/i);
  });

  test('a module that never ends, past the trial, costs its start-up limit and nobody else', async () => {
    const host = await range.plant({ module: spinsLater, handler: '' });
    const ends: string[] = [];
    const damage = await range.attack(4, async () => {
      ends.push(await range.setOff(host), await range.setOff(host));
    });
    range.note('a loop at module scope', ends.join(', '), damage);
    expect(ends).toEqual(['429 CpuTimeLimit', '429 CpuTimeLimit']);
    expectUntouched(damage);
  });

  test.each([
    [
      'allocates for ever',
      'const keep = []; for (;;) keep.push(new Array(1e4).fill(1.5));',
      'startupCpuMs',
      '429 MemoryLimit',
    ],
    [
      'throws an endless getter',
      "throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;); } });",
      '',
      '',
    ],
  ])('a module that %s', async (name, module, limit, end) => {
    const limits = limit === 'startupCpuMs' ? { startupCpuMs: 20_000 } : {};
    const host = await range.plant({ module, handler: '', limits });
    let ended = '';
    const damage = await range.attack(4, async () => {
      ended = await range.setOff(host);
    });
    range.note(`a module that ${name}`, ended, damage);
    expect(end === '' ? ['429 CpuTimeLimit', '500 Exception'] : [end]).toContain(ended);
    expectUntouched(damage);
  });
});

describe('what a bomb leaves behind in its own isolate', () => {
  test('a microtask left behind counts for the request that wakes it', async () => {
    const host = await range.plant({
      module: 'let wake; const left = new Promise((resolve) => { wake = resolve; });',
      handler: `if (request.url.endsWith('/fire')) { wake(); await null; }
        else left.then(() => { for (;;); });`,
    });
    const ends: string[] = [];
    const damage = await range.attack(4, async () => {
      ends.push(await range.setOff(host, '/arm'), await range.setOff(host, '/fire'));
    });
    range.note('a microtask left behind', ends.join(', '), damage);
    expect(ends).toEqual(['200', '429 CpuTimeLimit']);
    expectUntouched(damage);
  });

  test('requests in the same isolate end with Retired, and the next one is served', async () => {
    const host = await range.plant({
      handler: `if (request.url.endsWith('/boom')) for (;;);
        await new Promise((resolve) => setTimeout(resolve, 20_000));`,
    });
    await range.untilServing(host, '/calm');
    const damage = await range.attack(4, async () => {
      const siblings = [1, 2, 3].map(() => range.setOff(host, '/wait'));
      // Answered after them, by the same isolate: they are inside.
      await range.untilServing(host, '/calm');
      expect(await range.setOff(host, '/boom')).toBe('429 CpuTimeLimit');
      expect(await Promise.all(siblings)).toEqual(Array(3).fill('503 Retired'));
      await range.untilServing(host, '/calm');
    });
    expectUntouched(damage);
  });
});

describe('a bomb that may cost the process costs nobody else anything, and only once', () => {
  test.each(replacingBombs.map((bomb) => [`${bomb.name} (${bomb.mayReplace})`, bomb] as const))(
    '%s',
    async (_name, bomb) => {
      await attackProcess(range, bomb);
    },
  );
});
