/** What the worker around a test file is told, as JSON. */
export interface TestContext {
  /** Where the test would have been loaded from, with its variant. */
  readonly url: string;
  /** Time after which the test file gives up, in milliseconds. */
  readonly timeoutMs: number;
}

/** One test of a file. */
export interface TestResult {
  readonly name: string;
  /** 0 passed, 1 failed, 2 timed out, 3 not run, 4 an optional feature is missing. */
  readonly status: number;
  readonly message: string | null;
}

/** What the worker answers with, as JSON. */
export interface FileResult {
  /** 0 when the harness itself had no trouble. */
  readonly status: number;
  readonly message: string | null;
  readonly tests: readonly TestResult[];
}
