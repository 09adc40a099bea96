/** Hand-assembled WebAssembly, see https://webassembly.github.io/spec/core/binary/modules.html. */
const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const section = { type: 1, function: 3, table: 4, memory: 5, export: 7, start: 8, code: 10 };
const i32 = 0x7f;
const end = 0x0b;

/** A module that owns (and exports as `m`) one memory of so many pages of 64 KiB. */
export function memoryModule(pages: number): string {
  return asExpression([
    ...part(section.memory, [1, 0x00, ...unsigned(pages)]),
    ...part(section.export, [1, 1, 0x6d, 0x02, 0]),
  ]);
}

/** Exports `g`: grows its memory by 16 MiB, writes to all of it, answers the pages it had or -1. */
export function growingModule(): string {
  const memoryGrow = [0x41, 0x80, 0x02, 0x40, 0x00];
  const sizeInBytes = [0x3f, 0x00, 0x41, 16, 0x74];
  const fill = [0x41, 0, 0x41, 1, ...sizeInBytes, 0xfc, 0x0b, 0x00];
  const body = [0, ...memoryGrow, ...fill, end];
  return asExpression([
    ...part(section.type, [1, 0x60, 0, 1, i32]),
    ...part(section.function, [1, 0]),
    ...part(section.memory, [1, 0x00, 1]),
    ...part(section.export, [1, 1, 0x67, 0x00, 0]),
    ...part(section.code, [1, ...unsigned(body.length), ...body]),
  ]);
}

/** A function that never returns: exported as `s`, or run by the module's start. */
export function spinningModule(runs: 'when called' | 'at start'): string {
  const body = [0, 0x03, 0x40, 0x0c, 0, end, end];
  return asExpression([
    ...part(section.type, [1, 0x60, 0, 0]),
    ...part(section.function, [1, 0]),
    ...(runs === 'at start'
      ? part(section.start, [0])
      : part(section.export, [1, 1, 0x73, 0x00, 0])),
    ...part(section.code, [1, ...unsigned(body.length), ...body]),
  ]);
}

function part(id: number, bytes: readonly number[]): number[] {
  return [id, ...unsigned(bytes.length), ...bytes];
}

function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

function asExpression(parts: readonly number[]): string {
  return `new Uint8Array([${[...header, ...parts].join(',')}])`;
}
