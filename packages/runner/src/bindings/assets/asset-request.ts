import { z } from 'zod';
import { problemOfKey } from '../storage/object-key.ts';
import type { ByteRange, Conditions } from '../storage/object-store.ts';

/** What the isolate's side of assets asks. */
export const assetsQuestion = z.strictObject({
  binding: z.string(),
  method: z.string().max(100),
  url: z.url().max(16_384),
  /** Flat. */
  headers: z.string().max(65_536),
});

/**
 * The keys that a path may mean, the best one first: the file itself, or the page of a folder. Empty
 * when it can mean none, as with `..` behind a percent sign.
 */
export function keysOfPath(pathname: string): string[] {
  const path = decode(pathname.replace(/^\/+/, ''));
  if (path === undefined) return [];
  const folder = path.replace(/\/$/, '');
  const inFolder = folder === '' ? 'index.html' : `${folder}/index.html`;
  const isFolder = path === '' || path.endsWith('/');
  const keys = isFolder ? [inFolder] : [path, `${path}.html`, inFolder];
  return keys.filter((key) => problemOfKey(key) === undefined);
}

export function headersOf(flat: string): Headers {
  const headers = new Headers();
  const parts = flat === '' ? [] : flat.split('\n');
  for (let at = 0; at + 1 < parts.length; at += 2) {
    headers.append(parts[at] ?? '', parts[at + 1] ?? '');
  }
  return headers;
}

/** What a client that has a copy wants to know; undefined without one. */
export function conditionsOf(headers: Headers): Conditions | undefined {
  const tags = headers.get('if-none-match');
  const since = Date.parse(headers.get('if-modified-since') ?? '');
  if (tags === null && Number.isNaN(since)) return undefined;
  return {
    etagMatches: null,
    etagDoesNotMatch:
      tags === null ? null : tags.split(',').map((tag) => tag.trim().replace(/^(?:W\/)?"|"$/g, '')),
    uploadedBeforeMs: null,
    uploadedAfterMs: Number.isNaN(since) ? null : since,
    secondsGranularity: true,
  };
}

/** One range; several, and what makes no sense, are as good as none. */
export function rangeOf(headers: Headers): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get('range') ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '') {
    return last === '' ? undefined : { offset: null, length: null, suffix: Number(last) };
  }
  const offset = Number(first);
  if (last === '') return { offset, length: null, suffix: null };
  const length = Number(last) - offset + 1;
  return length > 0 ? { offset, length, suffix: null } : undefined;
}

/** Once: what is still escaped afterwards is part of the name. */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
