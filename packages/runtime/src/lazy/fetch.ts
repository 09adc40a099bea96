import { createFetcher } from '../bindings/worker/fetcher.ts';
import { runFetch } from '../fetch/outgoing/fetch-run.ts';
import { fetchModule } from './lazy-modules.ts';

const exports = { createFetcher, runFetch };

export type FetchExports = typeof exports;
fetchModule.provide(exports);
