import { platformLimits } from '@openworkers/core';

const maxBytes = platformLimits.storageKeyBytes.tenant;

/** Why a text is not the key of an object; undefined when it is one. */
export function problemOfKey(key: string): string | undefined {
  if (key === '') return 'The key is empty';
  const problem = problemOfText(key);
  if (problem !== undefined) return problem;
  for (const segment of key.split('/')) {
    if (segment === '') return 'A key has no empty segment: no / at its ends, and no //';
    if (segment === '.' || segment === '..') return `A key has no segment ${segment}`;
  }
  return undefined;
}

/** The same for what keys begin with, where the last segment may be cut anywhere. */
export function problemOfPrefix(prefix: string): string | undefined {
  const problem = problemOfText(prefix);
  if (problem !== undefined) return problem;
  const complete = prefix.split('/').slice(0, -1);
  const isUsable = complete.every((each) => each !== '' && each !== '.' && each !== '..');
  return isUsable ? undefined : 'A prefix has no empty segment, no . and no ..';
}

function problemOfText(text: string): string | undefined {
  if (!text.isWellFormed()) return 'A key is well-formed Unicode';
  if (text.includes('\0')) return 'A key has no character U+0000';
  const size = Buffer.byteLength(text);
  return size > maxBytes ? `A key has at most ${maxBytes} bytes, not ${size}` : undefined;
}
