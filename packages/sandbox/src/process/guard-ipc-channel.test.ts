import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { guardIpcChannel } from './guard-ipc-channel.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A child that runs the given script, and how often its channel was found misused. */
function guarded(script: string): { child: ChildProcess; violations: () => number } {
  const child = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  let violations = 0;
  const onViolation = (): void => void (violations += 1);
  guardIpcChannel(child, { socketsSent: () => 0, onViolation });
  return { child, violations: () => violations };
}

test('a child that writes without end is stopped before its line is kept', async () => {
  const { violations } = guarded(`
    const fs = require('node:fs');
    const piece = 'x'.repeat(65536);
    setInterval(() => { try { fs.writeSync(3, piece); } catch {} }, 1);
  `);
  await until(
    () => violations() > 0,
    () => 'the violation',
  );
});

test('a child that sends a handle is stopped', async () => {
  const { child, violations } = guarded(`
    const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
      process.send('take it', server);
    });
  `);
  let received = 0;
  child.on('message', () => (received += 1));
  await until(
    () => violations() > 0,
    () => 'the violation',
  );
  expect(received).toBe(0);
});

test('a child that says a word is heard', async () => {
  const { child, violations } = guarded(`process.send('hello'); setInterval(() => {}, 1000);`);
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  await until(
    () => messages.length > 0,
    () => 'the message',
  );
  expect(messages).toEqual(['hello']);
  expect(violations()).toBe(0);
});
