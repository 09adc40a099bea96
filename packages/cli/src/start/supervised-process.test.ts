import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@openworkers/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLinePrinter } from './line-printer.ts';
import { RoleLog } from './role-log.ts';
import { SupervisedProcess } from './supervised-process.ts';

let folder: string;
let output: RoleLog;
let supervised: SupervisedProcess | undefined;
let pids: number[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-role-'));
  pids = [];
  const printer = createLinePrinter({
    write: () => undefined,
    hasColors: false,
    isTerminal: false,
    now: Date.now,
  });
  output = new RoleLog('role', { folder, printer });
});
afterEach(async () => {
  supervised?.kill();
  await supervised?.stop(1_000);
  await output.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A role that runs this script; `ready` is what it sends when it works. */
function create(script: string, startTimeoutMs = 10_000): SupervisedProcess {
  supervised = new SupervisedProcess({
    spawn: () => {
      const child = spawn(process.execPath, ['-e', script], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      pids.push(child.pid ?? 0);
      return child;
    },
    isReady: (message) => message === 'ready',
    output,
    log: createLogger({ role: 'test', level: 'silent' }),
    startTimeoutMs,
  });
  return supervised;
}

const steady = `process.send('ready'); setInterval(() => {}, 1000);`;

test('a process that dies is started again, until it is stopped', async () => {
  const role = create(steady);
  await role.start();
  for (let round = 1; round <= 2; round += 1) {
    process.kill(pids.at(-1) ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(pids).toHaveLength(round + 1), 5_000);
  }
  await role.stop(5_000);
  expect(() => process.kill(pids.at(-1) ?? 0, 0)).toThrow('ESRCH');
  expect(pids).toHaveLength(3);
});

test('a wrong setting is passed on as the role said it, with exit code 78', async () => {
  const role = create(`console.error('noise'); console.error('OW_PORT: taken'); process.exit(78);`);
  await expect(role.start()).rejects.toMatchObject({ message: 'OW_PORT: taken', exitCode: 78 });
  expect(pids).toHaveLength(1);
});

test('a process that breaks while starting is reported with its last words', async () => {
  const role = create(`console.error('it hurts'); process.exit(3);`);
  await expect(role.start()).rejects.toMatchObject({
    message: 'role ended with 3 while starting: it hurts',
    next: `read ${join(folder, 'role.log')}`,
    exitCode: 1,
  });
});

test('a process that is never ready is killed', async () => {
  const role = create(`setInterval(() => {}, 1000)`, 500);
  await expect(role.start()).rejects.toMatchObject({ message: 'role was not ready within 0.5 s' });
  await vi.waitFor(() => expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH'), 5_000);
});

test('a process that ignores SIGTERM is killed after the given time', async () => {
  const role = create(`process.on('SIGTERM', () => {}); ${steady}`);
  await role.start();
  await role.stop(200);
  expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH');
});

test('everything a process prints is in its log file', async () => {
  const role = create(`console.log('{"level":30}'); console.error('oops'); ${steady}`);
  await role.start();
  await vi.waitFor(() => {
    const lines = readFileSync(output.path, 'utf8').trimEnd().split('\n');
    expect(lines.sort()).toEqual(['oops', '{"level":30}']);
  }, 5_000);
});
