import { urlModule } from '../lazy/lazy-modules.ts';
import { RegExpPrototypeExec } from '../primordials.ts';

/** URLs that the parser would leave as they are; no host that ends in a number, no dot segment. */
const normalUrl =
  /^https?:\/\/(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*(?::(?!80\/|443\/)[1-9]\d*)?\/(?!\.|%2e)(?:[\w!$&()*+,;=:@~.?-]|%(?!2e)|\/(?!\.|%2e))*$/i;
const upperCaseHost = /^[^/]*\/\/[^/]*(?:[A-Z]|xn--)/;

/** The URL as the URL parser serialises it; unchanged if it is not valid. */
export function normalizeUrl(url: string): string {
  const isNormal =
    RegExpPrototypeExec(normalUrl, url) !== null &&
    RegExpPrototypeExec(upperCaseHost, url) === null;
  return isNormal ? url : (parseToHref(url) ?? url);
}

/** The serialised URL; undefined if it is not valid. */
export function parseToHref(url: string): string | undefined {
  const { parseUrl, serializeUrl } = urlModule.value;
  const parsed = parseUrl(url, undefined);
  return parsed === undefined ? undefined : serializeUrl(parsed);
}
