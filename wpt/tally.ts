import type { Area } from './areas.ts';
import {
  matchFailure,
  matchNotApplicable,
  patternsOf,
  type NotApplicableReason,
} from './expectation.ts';
import { harnessTestName } from './run-file.ts';
import type { FileResult, TestResult } from './worker/test-context.ts';

/** A test whose outcome is not the one expected. */
export interface Surprise {
  readonly path: string;
  readonly test: string;
  readonly what:
    'fails' | 'passes, but is expected to fail' | 'is expected to fail, but was not run';
  readonly message: string;
}

/** Counts of one area. */
export class Tally {
  readonly area: Area;
  readonly notApplicable = new Map<NotApplicableReason, number>();
  readonly surprises: Surprise[] = [];
  passed = 0;
  failed = 0;
  readonly #patterns = new Map<string, { hasFailed: boolean }>();
  readonly #files = new Set<string>();

  constructor(area: Area) {
    this.area = area;
  }

  get notApplicableCount(): number {
    return [...this.notApplicable.values()].reduce((sum, count) => sum + count, 0);
  }

  addNotApplicable(reason: NotApplicableReason): void {
    this.notApplicable.set(reason, (this.notApplicable.get(reason) ?? 0) + 1);
  }

  addFile(path: string, result: FileResult): void {
    this.#files.add(path);
    const { status, message } = result;
    const harness: TestResult = { name: harnessTestName, status, message };
    for (const test of status === 0 ? result.tests : [...result.tests, harness]) {
      this.#addTest(path, test);
    }
  }

  /** After the last file: expectations that nothing lived up to. */
  finish(): void {
    for (const path of this.#files) {
      for (const test of patternsOf(this.area.expectations, path)) {
        // Checkouts differ in what there is.
        const seen = this.#patterns.get(patternKey(path, test));
        if (seen === undefined || seen.hasFailed) continue;
        const what = 'passes, but is expected to fail';
        this.surprises.push({ path, test, what, message: '' });
      }
    }
  }

  #addTest(path: string, { name, status, message }: TestResult): void {
    const { expectations } = this.area;
    const isPassed = status === 0;
    const reason = matchNotApplicable(expectations, path, name);
    const failure = matchFailure(expectations, path, name);
    for (const found of [reason, failure]) {
      if (found !== undefined) this.#seePattern(patternKey(path, found.pattern), isPassed);
    }
    if (isPassed) this.passed += 1;
    else if (reason !== undefined) this.addNotApplicable(reason.text);
    else {
      this.failed += 1;
      if (failure === undefined) {
        const text = message ?? ['passed', 'failed', 'timed out', 'not run', 'missing'][status];
        this.surprises.push({ path, test: name, what: 'fails', message: text ?? '' });
      }
    }
  }

  #seePattern(key: string, isPassed: boolean): void {
    const seen = this.#patterns.get(key) ?? { hasFailed: false };
    if (!isPassed) seen.hasFailed = true;
    this.#patterns.set(key, seen);
  }
}

function patternKey(path: string, pattern: string): string {
  return `${path}\n${pattern}`;
}
