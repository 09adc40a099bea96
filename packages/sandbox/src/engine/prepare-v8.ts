import { setFlagsFromString } from 'node:v8';

/**
 * V8 flags that the limits need; they hold for the whole process and for everything compiled later.
 *
 * - Loop unrolling (of Turboshaft, V8 14.6) also drops the interrupt checks of optimised loops whose
 *   bodies call something. When all those calls are built-ins nothing checks any more, and
 *   `for (;;) list.push(new Array(1000).fill(1))` can never be ended.
 * - Every new context gets a function that collects garbage, under {@link collectorName}; the runtime
 *   takes it away before any other code runs there (`harden/collect-garbage.ts`). Bytecode stays
 *   through such a collection, or the next request would compile again.
 * - One WebAssembly memory is at most 128 MiB, one table a million entries: both are outside of the
 *   isolate's memory limit.
 */
const flags = [
  '--no-turboshaft-loop-unrolling',
  '--wasm-max-mem-pages=2048',
  '--wasm-max-table-size=1000000',
  '--no-wasm-async-compilation',
  '--expose-gc',
  '--no-flush-bytecode',
];

export function prepareV8(): void {
  for (const flag of flags) setFlagsFromString(flag);
}
