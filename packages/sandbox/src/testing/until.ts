import { setTimeout as delay } from 'node:timers/promises';

const defaultTimeoutMs = 15_000;

/** Polls a condition. @throws Error naming what was waited for when it does not come true in time */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
  timeoutMs: number = defaultTimeoutMs,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what()}`);
    await delay(5);
  }
}
