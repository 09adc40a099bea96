import { readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, posix } from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/** Answers with a file of the checkout and the headers of the `.headers` file beside it. */
export function serveFile(options: {
  readonly checkout: string;
  readonly url: URL;
  readonly response: ServerResponse;
}): void {
  const { checkout, url, response } = options;
  const path = join(checkout, posix.normalize(decodeURIComponent(url.pathname)));
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    return;
  }
  const type = contentTypes[extname(path)];
  if (type !== undefined) response.setHeader('content-type', type);
  for (const [name, value] of headersBeside(path)) response.appendHeader(name, value);
  response.end(readFileSync(path));
}

function headersBeside(path: string): (readonly [string, string])[] {
  const file = `${path}.headers`;
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return [];
  const pairs: (readonly [string, string])[] = [];
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) pairs.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return pairs;
}
