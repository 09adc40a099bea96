import autocannon from 'autocannon';
import type { LoadOptions, LoadResult } from './load.ts';

// The parent process wrote it, from exactly this type.
const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const result = await autocannon({
  url: `http://127.0.0.1:${options.port}/`,
  headers: { host: options.host },
  connections: options.connections,
  duration: options.seconds,
  ...(options.rate === undefined ? {} : { overallRate: options.rate }),
});
const measured: LoadResult = {
  requestsPerSecond: result.requests.average,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  maxMs: result.latency.max,
  non2xx: result.non2xx,
  errors: result.errors,
};
process.stdout.write(JSON.stringify(measured));
