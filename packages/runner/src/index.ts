export { createRunner, type Runner, type RunnerOptions } from './runner.ts';
export type { RunnerConfig, RunnerReady } from './runner-config.ts';
export type { BoundRecord, RecordSink, WorkerRecord } from './record-sink.ts';
