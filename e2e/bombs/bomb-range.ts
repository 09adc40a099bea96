import { Agent } from 'node:http';
import { expect } from 'vitest';
import { call, endOf, startLoad, until, type LoadReport } from '../testing/http-client.ts';
import { openDirectDeploy, type DirectDeploy } from '../testing/direct-deploy.ts';
import { startPlatform, type Platform } from '../testing/platform.ts';
import { residentBytes } from '../testing/processes.ts';
import { sandboxCpuMs, sandboxMiB, sandboxPids } from '../testing/sandboxes.ts';
import { sourceOf, type Bomb } from './bomb.ts';

/** What the neighbour and the sandboxes went through while something was set off. */
export interface Damage {
  readonly neighbour: LoadReport;
  readonly pidsBefore: readonly number[];
  readonly pidsAfter: readonly number[];
  readonly mibBefore: number;
  readonly mibAfter: number;
}

const neighbourHost = 'neighbour.localhost';
/**
 * What may stay of a bomb: pages that V8 and the allocator keep to use them again (about 170 MiB
 * after one isolate of 128 MiB, measured without the platform; up to 250 after a hundred streams),
 * and an isolate that was refused memory and lives on with what it has.
 */
const keptMiB = 384;
/** More than any sandbox may ever have: the machine and its other processes come first. */
const largestMiB = 4_096;
const quietWindowMs = 100;
const quietCpuMs = 10;

/** A platform with a worker that minds its own business, and others that do not. */
export class BombRange {
  readonly platform: Platform;
  readonly database: DirectDeploy;
  readonly #lines: string[] = [];
  #planted = 0;
  #killed: string[] = [];

  private constructor(platform: Platform, database: DirectDeploy) {
    this.platform = platform;
    this.database = database;
  }

  static async open(): Promise<BombRange> {
    const platform = await startPlatform();
    const range = new BombRange(platform, await openDirectDeploy(platform));
    await range.database.deploy(
      'neighbour',
      `export default { fetch: () => new Response('good morning') };`,
    );
    await range.untilServing(neighbourHost);
    return range;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.platform.dispose();
  }

  /** Deploys a bomb as a worker of its own, past the trial of `ow workers deploy`. Answers its host. */
  async plant(bomb: Pick<Bomb, 'module' | 'handler' | 'limits'>): Promise<string> {
    this.#planted += 1;
    const name = `bomb-${this.#planted}`;
    await this.database.deploy(name, sourceOf(bomb), bomb.limits);
    return `${name}.localhost`;
  }

  /** One request; answers how it ended: status and termination reason, `cut` or `hung`. */
  async setOff(host: string, path = '/'): Promise<string> {
    const agent = new Agent({ keepAlive: false });
    try {
      return endOf(await call({ port: this.platform.port, host, path, agent }));
    } catch (error) {
      return error instanceof Error && error.message.includes('timed out') ? 'hung' : 'cut';
    }
  }

  /**
   * Does something bad beside a loaded neighbour, and waits until it is really over: no CPU is used
   * any more and the memory is back.
   */
  async attack(connections: number, act: () => Promise<void>): Promise<Damage> {
    this.#killed = [];
    const guard = setInterval(() => this.#killGiants(), 100);
    try {
      return await this.#attack(connections, act);
    } finally {
      clearInterval(guard);
      expect(this.#killed, 'sandboxes that grew beyond every bound').toEqual([]);
    }
  }

  async #attack(connections: number, act: () => Promise<void>): Promise<Damage> {
    const pidsBefore = sandboxPids(this.platform);
    const mibBefore = sandboxMiB(this.platform);
    const stop = startLoad(
      { port: this.platform.port, host: neighbourHost },
      { connections, keepAlive: true },
    );
    const neighbour = await act().then(stop, async (error: unknown) => {
      await stop();
      throw error;
    });
    await until(() => this.#isQuiet(), 10_000, 'the sandbox came to rest');
    const isMemoryBack = (): boolean => sandboxMiB(this.platform) <= mibBefore + keptMiB;
    await until(isMemoryBack, 15_000, `memory came back to ${mibBefore} MiB`);
    return {
      neighbour,
      pidsBefore,
      pidsAfter: sandboxPids(this.platform),
      mibBefore,
      mibAfter: sandboxMiB(this.platform),
    };
  }

  async untilServing(host: string, path = '/'): Promise<void> {
    const isServing = async (): Promise<boolean> => (await this.setOff(host, path)) === '200';
    await until(isServing, 10_000, `${host}${path} answers 200`);
  }

  /** Keeps a line for {@link report}. */
  note(name: string, ended: string, damage: Damage): void {
    const { neighbour, mibBefore, mibAfter } = damage;
    const failed = failuresOf(neighbour);
    this.#lines.push(
      [
        ended.padEnd(24),
        `${failed}/${neighbour.requests} failed`.padEnd(16),
        `worst ${Math.round(neighbour.worstMs)} ms`.padEnd(14),
        `${mibBefore} -> ${mibAfter} MiB`.padEnd(18),
        isSameProcess(damage) ? 'same process' : 'NEW process ',
        name,
      ].join(' '),
    );
  }

  report(): string {
    return ['ended, neighbour, memory, sandbox, bomb', ...this.#lines].join('\n');
  }

  #killGiants(): void {
    for (const pid of sandboxPids(this.platform)) {
      const mib = residentBytes(pid) / 1024 / 1024;
      if (mib < largestMiB) continue;
      this.#killed.push(`${pid}: ${Math.round(mib)} MiB`);
      process.kill(pid, 'SIGKILL');
    }
  }

  async #isQuiet(): Promise<boolean> {
    const before = sandboxCpuMs(this.platform);
    await new Promise((resolve) => setTimeout(resolve, quietWindowMs));
    return Math.abs(sandboxCpuMs(this.platform) - before) <= quietCpuMs;
  }
}

/** Requests of the neighbour that got no 2xx. */
export function failuresOf({ refused, broken }: LoadReport): number {
  return [...refused.values()].reduce((sum, count) => sum + count, broken.length);
}

/** Whether every sandbox lived through it; a new one in waiting may have come up meanwhile. */
export function isSameProcess({ pidsBefore, pidsAfter }: Damage): boolean {
  return pidsBefore.every((pid) => pidsAfter.includes(pid));
}
