import { readFileSync, statSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import type { Exchange, Reply } from './exchange.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.event_stream': 'text/event-stream',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

export interface FileSite {
  readonly checkout: string;
  /** Fills in `{{host}}` and the like. */
  readonly substitute: (source: string) => string;
}

/**
 * Answers with a file of the checkout and the headers of the `.headers` file beside it; an `.asis`
 * file is the whole response. Of wptserve's pipes, `header` and `sub` are known.
 */
export function serveFile({ checkout, substitute }: FileSite, exchange: Exchange): Reply {
  const path = join(checkout, posix.normalize(decodeURIComponent(exchange.path)));
  if (!isFile(path)) {
    return { status: 404, statusText: 'Not Found', body: 'not found' };
  }
  const content = readFileSync(path);
  if (path.endsWith('.asis')) {
    // The files have bare line feeds, which not every parser of HTTP takes.
    const text = content.toString('latin1').trimEnd().replaceAll('\n', '\r\n');
    return { raw: `${text}\r\n\r\n` };
  }
  const type = contentTypes[extname(path)];
  const headers = type === undefined ? [] : [['Content-Type', type] as const];
  const pipe = exchange.query.get('pipe') ?? '';
  const piped = [...pipe.matchAll(/header\(([^,]*),([^)]*)\)/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  const own = [...headersBeside(path), ...piped];
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  const isTemplate = path.includes('.sub.') || pipe.split('|').includes('sub');
  return {
    headers: [...headers.filter(([name]) => !names.has(name.toLowerCase())), ...own],
    body: isTemplate ? fill(substitute(content.toString('utf8')), exchange) : content,
  };
}

function fill(text: string, exchange: Exchange): Buffer {
  const filled = text.replaceAll(
    /\{\{headers\[([^\]]+)\]\}\}/g,
    (_, name: string) => exchange.header(name) ?? '',
  );
  return Buffer.from(filled);
}

function headersBeside(path: string): (readonly [string, string])[] {
  const file = `${path}.headers`;
  if (!isFile(file)) return [];
  const pairs: (readonly [string, string])[] = [];
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) pairs.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return pairs;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
