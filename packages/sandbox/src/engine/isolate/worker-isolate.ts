import type { EnterOp } from '@openworkers/runtime';

/** Buffers are transferred into the isolate: they are empty here afterwards. */
export type SliceArgument = string | number | ArrayBuffer | undefined;

/** `[op, event id, ...arguments]`. */
export type SliceCall = [op: EnterOp, eventId: number, ...rest: SliceArgument[]];

/**
 * One JavaScript isolate as the engine sees it. Everything that runs code in it returns a promise
 * that settles when that slice is over, in the order of the calls. A rejection is either an error
 * of the worker's code or, when {@link WorkerIsolate.isDisposed} is true, the end of the isolate.
 */
export interface WorkerIsolate {
  /** Who hears what the isolate says; set before the first slice. */
  listener: IsolateListener | undefined;
  readonly memoryLimitBytes: number;
  /** True after `dispose`, and when the isolate ended itself (memory). */
  readonly isDisposed: boolean;
  /** One call of the runtime's `enter`. */
  enter(call: SliceCall): Promise<unknown>;
  /** Evaluates `cloudflare:workers`; after `install`, before any code of the worker. */
  openBuiltins(): Promise<unknown>;
  /** Compiles the worker's module; answers new compile data when the given data was of no use. */
  compile(code: string, compiled: CompiledCode | undefined): Promise<CompiledCode | undefined>;
  /** Links the worker's module. Rejects when it imports something that does not exist. */
  link(): Promise<unknown>;
  /** Runs the worker's module; `listener.evaluated` is called once its top-level awaits are done. */
  evaluate(): Promise<unknown>;
  /** Hands the module's exports to the runtime (`enterOps.register`). */
  register(): Promise<unknown>;
  /** Heap and buffers in bytes, measured between two slices. */
  measureMemory(): Promise<number>;
  /** Ends the isolate and whatever runs in it, as far as it can be stopped. */
  dispose(): void;
}

/** Compile data in the engine's own form, reusable in other isolates of the process. */
export interface CompiledCode {
  readonly handle: unknown;
  readonly sizeBytes: number;
}

/** Hears what comes out of an isolate. Every value is hostile. */
export interface IsolateListener {
  host(op: unknown, eventId: unknown, a: unknown, b: unknown, c: unknown, d: unknown): void;
  hostSync(op: unknown, a: unknown, b: unknown): string | ArrayBuffer | undefined;
  /** The worker's module and its top-level awaits are done. */
  evaluated(): void;
  /** The engine lost control of the isolate: its thread will never come back. */
  lost(): void;
}

export interface IsolateFactory {
  /** A hardened isolate with the runtime in it, ready to load a worker. */
  boot(memoryLimitBytes: number): Promise<WorkerIsolate>;
}
