import posix from 'path-browserify';
import { missing } from '../missing.ts';

export const {
  basename,
  delimiter,
  dirname,
  extname,
  format,
  isAbsolute,
  join,
  normalize,
  parse,
  relative,
  resolve,
  sep,
} = posix;

export function toNamespacedPath(path: string): string {
  return path;
}

export const win32 = { join: missing('path.win32.join'), resolve: missing('path.win32.resolve') };
Object.assign(posix, { posix, toNamespacedPath, win32 });
export { posix, posix as default };
