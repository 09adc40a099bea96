import { ProtocolError } from './protocol-error.ts';

/**
 * Checked reading of JSON from a peer that may be hostile. Written by hand because the sandbox
 * loads this code too, and every module it loads is one more file it may read.
 */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function parseJson(payload: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return value;
  } catch {
    throw new ProtocolError('a payload is not JSON');
  }
}

export function asRecord(value: unknown, what: string): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError(`${what} is not an object`);
  }
  // An object that is neither null nor an array has string keys.
  return value as JsonRecord;
}

export function asArray(value: unknown, maxLength: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > maxLength) {
    throw new ProtocolError(`not an array of at most ${maxLength} items`);
  }
  return value;
}

/** A string of at most `max` characters that matches `shape`. */
export function readText(
  record: JsonRecord,
  key: string,
  { max, shape }: { max: number; shape?: RegExp },
): string {
  const value = record[key];
  if (typeof value !== 'string' || value.length > max) throw bad(key);
  if (shape !== undefined && !shape.test(value)) throw bad(key);
  return value;
}

export function readOptionalText(
  record: JsonRecord,
  key: string,
  rule: { max: number; shape?: RegExp },
): string | undefined {
  return record[key] === undefined ? undefined : readText(record, key, rule);
}

/** A whole number between `min` (0) and `max`. */
export function readCount(
  record: JsonRecord,
  key: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  const value = record[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw bad(key);
  }
  return value;
}

/** A finite number of at least 0. */
export function readAmount(record: JsonRecord, key: string): number {
  const value = record[key];
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw bad(key);
  return value;
}

export function readFlag(record: JsonRecord, key: string): boolean {
  const value = record[key];
  if (typeof value !== 'boolean') throw bad(key);
  return value;
}

/** One of a fixed set of strings. */
export function readChoice<T extends string>(
  record: JsonRecord,
  key: string,
  choices: readonly T[],
): T {
  const choice = choices.find((candidate) => candidate === record[key]);
  if (choice === undefined) throw bad(key);
  return choice;
}

function bad(key: string): ProtocolError {
  return new ProtocolError(`"${key}" is missing or out of range`);
}
