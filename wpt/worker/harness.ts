import { defineLocation } from './prelude.ts';
import type { FileResult, TestContext, TestResult } from './test-context.ts';

/** The functions of testharness.js that we need; it puts them on `globalThis`. */
interface TestHarness {
  add_completion_callback(
    callback: (
      tests: readonly TestResult[],
      status: { status: number; message: string | null },
    ) => void,
  ): void;
  timeout(): void;
  done(): void;
}

/** Between testharness.js and the scripts of the test: the promise of what comes out. */
export function watchHarness(context: TestContext): Promise<FileResult> {
  const harness = globalThis as unknown as TestHarness;
  const timer = setTimeout(() => harness.timeout(), context.timeoutMs);
  defineLocation(context);
  defineWorkerScope();
  return new Promise((resolve) => {
    harness.add_completion_callback((tests, { status, message }) => {
      clearTimeout(timer);
      resolve({
        status,
        message,
        tests: tests.map((test) => ({
          name: test.name,
          status: test.status,
          message: test.message,
        })),
      });
    });
  });
}

/** idlharness.js asks where it runs. Not there earlier: testharness.js would expect messages. */
function defineWorkerScope(): void {
  for (const name of ['WorkerGlobalScope', 'ServiceWorkerGlobalScope']) {
    if (name in globalThis) continue;
    const value = Object.defineProperty(class {}, Symbol.hasInstance, {
      value: (instance: unknown) => instance === globalThis,
    });
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
