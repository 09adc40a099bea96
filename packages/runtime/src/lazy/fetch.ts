import { createFetcher } from '../bindings/worker/fetcher.ts';
import { ResponseHandover } from '../dispatch/response-handover.ts';
import { runFetch } from '../fetch/outgoing/fetch-run.ts';
import { fetchModule } from './lazy-modules.ts';

// Only a fetched body can be handed over: here it costs no other worker anything.
const exports = { ResponseHandover, createFetcher, runFetch };

export type FetchExports = typeof exports;
fetchModule.provide(exports);
