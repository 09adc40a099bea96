import type { AreaExpectations } from './expectation.ts';
import { compression } from './expectations/compression.ts';
import { consoleApi } from './expectations/console.ts';
import { domAbort } from './expectations/dom-abort.ts';
import { domEvents } from './expectations/dom-events.ts';
import { encoding } from './expectations/encoding.ts';
import { fetchApi } from './expectations/fetch-api.ts';
import { fileApi } from './expectations/file-api.ts';
import { htmlWebAppApis } from './expectations/html-webappapis.ts';
import { messaging } from './expectations/messaging.ts';
import { streams } from './expectations/streams.ts';
import { url } from './expectations/url.ts';
import { urlPattern } from './expectations/url-pattern.ts';
import { webCrypto } from './expectations/web-crypto.ts';

/** A part of the web platform tests, and what we know about it. */
export interface Area {
  /** Folder in the checkout. */
  readonly name: string;
  readonly expectations: AreaExpectations;
}

/** What `npm run wpt` runs when no area is named. */
export const areas: readonly Area[] = [
  { name: 'url', expectations: url },
  { name: 'urlpattern', expectations: urlPattern },
  { name: 'encoding', expectations: encoding },
  { name: 'compression', expectations: compression },
  { name: 'dom/abort', expectations: domAbort },
  { name: 'dom/events', expectations: domEvents },
  { name: 'html/webappapis', expectations: htmlWebAppApis },
  { name: 'console', expectations: consoleApi },
  { name: 'webmessaging/message-channels', expectations: messaging },
  { name: 'streams', expectations: streams },
  { name: 'FileAPI', expectations: fileApi },
  { name: 'fetch/api', expectations: fetchApi },
  { name: 'WebCryptoAPI', expectations: webCrypto },
];

/** The area that a file belongs to; files outside of the table belong to their topmost folder. */
export function areaOf(path: string): Area {
  const known = areas.find(({ name }) => path.startsWith(`${name}/`));
  return known ?? { name: path.split('/')[0] ?? path, expectations: {} };
}
