export { answerEval, prepareScope } from './prelude.ts';
export { watchHarness } from './harness.ts';
