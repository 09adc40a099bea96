import { TestEngine } from '../../testing/test-engine.ts';

/** `{ bytes }` is a Uint8Array in base64, `{ ref }` an earlier result, or a member of it. */
export type ProgramValue =
  | string
  | number
  | boolean
  | null
  | { readonly bytes: string }
  | { readonly ref: string; readonly member?: string }
  | readonly ProgramValue[]
  | { readonly [key: string]: ProgramValue };

/** One call of a method of SubtleCrypto, and the name for its result. */
export type ProgramStep = readonly [name: string, method: string, ...args: ProgramValue[]];

export type ProgramResults = Readonly<Record<string, unknown>>;

/**
 * Runs the steps one after the other; stops at the first that fails. Answers all results as JSON
 * can hold them, a failure as `{ error: name }`. Its text also runs in a worker: it uses nothing
 * from outside.
 */
export async function runProgram(
  subtle: object,
  steps: readonly ProgramStep[],
): Promise<ProgramResults> {
  const values: Record<string, unknown> = {};
  const results: Record<string, unknown> = {};
  const toValue = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(toValue);
    const { bytes, ref, member } = value as { bytes?: string; ref?: string; member?: string };
    if (bytes !== undefined) return Uint8Array.fromBase64(bytes);
    if (ref !== undefined) {
      const found = values[ref];
      return member === undefined ? found : Reflect.get(found as object, member);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toValue(item)]));
  };
  const toResult = (value: unknown): unknown => {
    if (value instanceof ArrayBuffer) return { bytes: new Uint8Array(value).toBase64() };
    if (value instanceof Uint8Array) return { bytes: value.toBase64() };
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(toResult);
    if (Object.prototype.toString.call(value) === '[object CryptoKey]') {
      const { type, extractable, algorithm, usages } = value as CryptoKey;
      return toResult({ type, extractable, algorithm, usages });
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toResult(item)]));
  };
  for (const [name, method, ...args] of steps) {
    try {
      const called: unknown = Reflect.get(subtle, method);
      if (typeof called !== 'function') throw new TypeError(`no method ${method}`);
      values[name] = await Reflect.apply(called, subtle, args.map(toValue));
      results[name] = toResult(values[name]);
    } catch (error) {
      results[name] = { error: error instanceof Error ? error.name : 'no error' };
      break;
    }
  }
  return results;
}

/** A worker that runs the program in its request body. */
const source = `${runProgram.toString()}
export default { async fetch(request) {
  const steps = await request.json();
  return Response.json(await runProgram(crypto.subtle, steps));
} }`;

/** Runs programs in one isolate, through the whole path. */
export class ProgramRunner {
  readonly engine: TestEngine;

  constructor(runtimeScript: string) {
    this.engine = new TestEngine({
      runtimeScript,
      workers: { program: source },
      limits: { cpuMs: 60_000, memoryBytes: 256 * 1024 * 1024 },
    });
  }

  async run(steps: readonly ProgramStep[]): Promise<ProgramResults> {
    const text = Buffer.from(JSON.stringify(steps));
    let sent = 0;
    const answer = await this.engine.fetch('program', {
      method: 'POST',
      body: {
        start: (sink) => {
          this.#sink = sink;
        },
        pull: (bytes) => {
          const piece = text.subarray(sent, sent + bytes);
          sent += piece.byteLength;
          this.#sink?.chunk(piece);
          if (sent === text.byteLength) this.#sink?.end();
        },
        cancel: () => {},
      },
    });
    if (answer.status !== 200) throw new Error(`the program failed: ${JSON.stringify(answer)}`);
    return JSON.parse(answer.body) as ProgramResults;
  }

  dispose(): void {
    this.engine.dispose();
  }

  #sink: { chunk(bytes: Uint8Array): void; end(): void } | undefined;
}
