import { SourceMap } from 'node:module';
import { relative, resolve } from 'node:path';
import type { SourcePosition } from './code-frame.ts';

export interface MapOptions {
  /** Source map v3 as JSON. */
  readonly sourceMap: string;
  /** Folder that the map's sources are relative to. */
  readonly folder: string;
  readonly cwd: string;
}

/** A frame of the worker's module, whose file is called `worker.js` inside the isolate. */
const workerFrame = /\bworker\.js:(\d{1,9}):(\d{1,9})/g;

/** The first place in the stack that the source map knows. */
export function firstPosition(stack: string, options: MapOptions): SourcePosition | undefined {
  const frames = [...stack.matchAll(workerFrame)];
  if (frames.length === 0) return undefined;
  const { map, content } = readMap(options.sourceMap);
  for (const [, line, column] of frames) {
    // Source maps count from 0, stacks from 1.
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalSource' in entry)) continue;
    const { originalSource, originalLine, originalColumn } = entry;
    return {
      file: relative(options.cwd, resolve(options.folder, originalSource)),
      line: originalLine + 1,
      column: originalColumn + 1,
      lineText: content(originalSource).split('\n')[originalLine] ?? '',
    };
  }
  return undefined;
}

function readMap(text: string): { map: SourceMap; content: (source: string) => string } {
  // Written by the bundler a moment ago.
  const payload = JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0];
  return {
    map: new SourceMap(payload),
    content: (source) => payload.sourcesContent[payload.sources.indexOf(source)] ?? '',
  };
}
