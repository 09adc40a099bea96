export { assertPortFree, type ListenAddress } from './port-probe.ts';
export { createRunner, type Runner, type RunnerOptions } from './runner.ts';
export type { RunnerConfig, RunnerReady } from './runner-config.ts';
export type { BoundRecord, RecordSink } from './record-sink.ts';
