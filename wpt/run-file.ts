import type { TestEngine } from '../packages/sandbox/src/engine/testing/test-engine.ts';
import type { TestFile } from './test-file.ts';
import { createTestWorker, type TestSite } from './test-worker.ts';
import type { FileResult } from './worker/test-context.ts';

/** Name that trouble of a whole file is reported under, beside those of its tests. */
export const harnessTestName = '(harness)';

/** Runs one test file with one variant in a fresh isolate. Never rejects: trouble is a result. */
export async function runTestFile(
  engine: TestEngine,
  site: TestSite,
  file: TestFile,
  variant: string,
): Promise<FileResult> {
  const workerId = `${file.path}${variant}`;
  try {
    engine.workers[workerId] = createTestWorker(site, file, variant);
    const answer = await engine.fetch(workerId, {
      url: `${site.origin}/`,
      requestId: 'test',
    });
    if (answer.status === 200 && answer.isComplete) return JSON.parse(answer.body) as FileResult;
    const logged = engine.logs.map(({ message }) => message).join(' ');
    return broken(`${answer.failure ?? `status ${answer.status}`}: ${logged}`);
  } catch (error) {
    return broken(String(error));
  } finally {
    engine.engine.retireWorker(workerId);
    delete engine.workers[workerId];
    engine.logs.length = 0;
  }
}

function broken(message: string): FileResult {
  return { status: 1, message, tests: [] };
}
