import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { messageOf, type Logger } from '@openworkers/core';
import type { VersionName, VersionStore } from './version-store.ts';
import { countedLru } from './weighted-lru.ts';

export interface StackMapperOptions {
  readonly versions: VersionStore;
  readonly log: Logger;
}

/** A frame of the worker's module, whose file is called `worker.js` inside the isolate. */
const workerFrame = /\bworker\.js:(\d{1,9}):(\d{1,9})/g;
/** Frames of the platform's own code: of no use to the worker's author. */
const internalFrame = /^\s+at .*\bopenworkers:.*\n?/gm;
/** A larger map is not read: decoding it would hold up everybody. */
const maxMapBytes = 8 * 1024 * 1024;
const maxMaps = 32;
const maxWaiting = 256;

/** Turns positions in deployed code into positions in the worker's own sources. */
export class StackMapper {
  readonly #options: StackMapperOptions;
  readonly #maps = countedLru<string, TraceMap | 'none'>(maxMaps);
  #waiting = 0;

  constructor(options: StackMapperOptions) {
    this.#options = options;
  }

  /**
   * Gives `deliver` the stack with the positions that the version's source map knows replaced: at
   * once when the map is in memory, else after loading it. Without a map the stack stays as it is.
   */
  map(
    wholeStack: string,
    { workerId, version }: VersionName,
    deliver: (stack: string) => void,
  ): void {
    const name = { workerId, version };
    const stack = wholeStack.replace(internalFrame, '').trimEnd();
    const known = this.#maps.get(keyOf(name));
    if (known !== undefined) {
      deliver(rewrite(stack, known));
      return;
    }
    if (this.#waiting >= maxWaiting) {
      deliver(stack);
      return;
    }
    this.#waiting += 1;
    void this.#load(name).then((map) => {
      this.#waiting -= 1;
      deliver(rewrite(stack, map));
    });
  }

  /** Never rejects: a stack without a map is still worth a line. */
  async #load(name: VersionName): Promise<TraceMap | 'none'> {
    try {
      const { sourceMap } = await this.#options.versions.load(name);
      const isUsable = sourceMap !== undefined && sourceMap.byteLength <= maxMapBytes;
      const map = isUsable ? decode(sourceMap) : 'none';
      this.#maps.set(keyOf(name), map);
      return map;
    } catch (error) {
      // The map is the tenant's file: it may be anything. Or PostgreSQL is down just now.
      this.#options.log.debug({ ...name, problem: messageOf(error) }, 'source map not usable');
      return 'none';
    }
  }
}

function decode(bytes: Uint8Array): TraceMap {
  const map = new TraceMap(Buffer.from(bytes).toString('utf8'));
  // The mappings are decoded by the first look-up; what is wrong with them shall show here.
  originalPositionFor(map, { line: 1, column: 0 });
  return map;
}

function rewrite(stack: string, map: TraceMap | 'none'): string {
  if (map === 'none') return stack;
  return stack.replace(workerFrame, (frame, line: string, column: string) => {
    // Source maps count columns from 0, stacks from 1.
    const position = originalPositionFor(map, {
      line: Math.max(1, Number(line)),
      column: Math.max(0, Number(column) - 1),
    });
    const { source } = position;
    // Undefined, against its type, when the map refers to a source that it does not list.
    return typeof source === 'string' ? `${source}:${position.line}:${position.column + 1}` : frame;
  });
}

function keyOf({ workerId, version }: VersionName): string {
  return `${workerId}:${version}`;
}
