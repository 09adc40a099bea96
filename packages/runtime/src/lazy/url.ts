import { parseUrl } from '../url/url-parser.ts';
import { serializeUrl, serializeWithoutFragment } from '../url/url-record.ts';
import { isURLSearchParams, parametersOf, URLSearchParams } from '../url/url-search-params.ts';
import { URL } from '../url/url.ts';
import { serializeUrlencoded } from '../url/urlencoded.ts';
import { urlModule } from './lazy-modules.ts';

const exports = {
  isURLSearchParams,
  parametersOf,
  parseUrl,
  serializeUrl,
  serializeUrlencoded,
  serializeWithoutFragment,
  URL,
  URLSearchParams,
};

export type UrlExports = typeof exports;
urlModule.provide(exports);
