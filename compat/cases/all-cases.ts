import type { CompatCases } from '../compat-case.ts';
import { cryptoCases } from './crypto.ts';
import { dataCases } from './data.ts';
import { eventCases } from './events.ts';
import { fetchCases } from './fetch.ts';
import { platformCases } from './platform.ts';
import { streamCases } from './streams.ts';
import { urlCases } from './url.ts';

/** The cases by the area they belong to. */
export const allCases: Readonly<Record<string, CompatCases>> = {
  url: urlCases,
  fetch: fetchCases,
  streams: streamCases,
  data: dataCases,
  events: eventCases,
  crypto: cryptoCases,
  platform: platformCases,
};
