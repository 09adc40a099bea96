import type { TestProject } from 'vitest/node';

/** Nothing is shared yet; the database package hands its server address over here. */
export default function setup(_project: TestProject): void {}
