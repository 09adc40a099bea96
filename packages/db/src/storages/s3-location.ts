import { AppError } from '@openworkers/core';

/** Where the objects of a tenant's own bucket are. */
export interface S3Location {
  /** `https://…`, or `http://…` where the operator has opened the host. */
  endpoint: string;
  bucket: string;
  /** Segments in front of every key; without a slash at its ends. */
  prefix?: string;
  /** `auto` when left out. */
  region?: string;
  publicUrl?: string;
}

/** @throws AppError `invalid_input` that says which part is wrong */
export function readS3Location(given: S3Location): S3Location {
  const { bucket, prefix, region, publicUrl } = given;
  if (!/^[a-z0-9][a-z0-9._-]{1,253}[a-z0-9]$/i.test(bucket) || bucket.includes('..')) {
    throw new AppError('invalid_input', 'bucket: the name is not one of a bucket');
  }
  if (prefix !== undefined) assertPrefix(prefix);
  if (region !== undefined && !/^[a-z0-9-]{1,50}$/.test(region)) {
    throw new AppError('invalid_input', 'region: letters, digits and -, at most 50');
  }
  if (publicUrl !== undefined) readUrl('publicUrl', publicUrl);
  return { ...given, endpoint: readUrl('endpoint', given.endpoint) };
}

function readUrl(field: string, text: string): string {
  const url = URL.parse(text);
  const isUsable =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    url.href.length <= 255;
  if (isUsable) return url.href.replace(/\/+$/, '');
  throw new AppError(
    'invalid_input',
    `${field}: an http or https URL without login, query and fragment, at most 255 characters`,
  );
}

function assertPrefix(prefix: string): void {
  const isUsable = prefix
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (isUsable && prefix.length <= 255 && !/\p{Cc}/u.test(prefix)) return;
  throw new AppError(
    'invalid_input',
    'prefix: segments separated by /, none of them empty, . or .., at most 255 characters',
  );
}
