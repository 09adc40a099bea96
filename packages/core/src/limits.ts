/** One row of the limits table; `docs/limits.md` is generated from it. */
interface LimitRow {
  /** Value for tenants' workers. */
  readonly tenant: number;
  /** Value for system workers, where it differs. */
  readonly system?: number;
  readonly unit: 'ms' | 'bytes' | 'count';
  /** What a client or author sees when the limit is passed. */
  readonly outcome: string;
  readonly meaning: string;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** Limits that apply to one worker. Operators change them per worker (table `worker_limits`). */
export const workerLimits = {
  cpuMs: {
    tenant: 100,
    system: 1000,
    unit: 'ms',
    outcome: '429 `CpuTimeLimit`',
    meaning: 'CPU time of one event over all its slices, as estimated by the watchdog (±20 %)',
  },
  wallMs: {
    tenant: 60_000,
    unit: 'ms',
    outcome: '504 `WallClockTimeout`',
    meaning: 'Wall time from the start of an event to its response head',
  },
  memoryBytes: {
    tenant: 128 * MiB,
    unit: 'bytes',
    outcome: '429 `MemoryLimit`',
    meaning: 'Heap and buffers of one isolate',
  },
  concurrency: {
    tenant: 10,
    system: 100,
    unit: 'count',
    outcome: '429 `worker_busy`, `Retry-After: 1`',
    meaning: 'Events of one worker in one sandbox that have no response head yet',
  },
  openStreams: {
    tenant: 1000,
    unit: 'count',
    outcome: '429 `worker_busy`, `Retry-After: 1`',
    meaning: 'Open response streams and sockets of one worker in one sandbox',
  },
  requestBodyBytes: {
    tenant: 10 * MiB,
    system: 64 * MiB,
    unit: 'bytes',
    outcome: '413 `request_body_too_large`',
    meaning: 'Body of one incoming request',
  },
  idleMs: {
    tenant: 60_000,
    unit: 'ms',
    outcome: 'the connection is closed',
    meaning: 'Time without a byte or event on a response body or socket, after the response head',
  },
  waitUntilMs: {
    tenant: 30_000,
    unit: 'ms',
    outcome: 'the remaining work is dropped and logged',
    meaning: 'Time that `ctx.waitUntil` work may take after the response, in all',
  },
  startupCpuMs: {
    tenant: 400,
    unit: 'ms',
    outcome: 'refused at deploy; 429 `CpuTimeLimit` later',
    meaning: 'CPU time of evaluating the module before its first event',
  },
  timers: {
    tenant: 10_000,
    unit: 'count',
    outcome: '`setTimeout` throws `QuotaExceededError`',
    meaning: 'Pending timers of one isolate',
  },
} as const satisfies Record<string, LimitRow>;

/** Limits of the platform itself; the same for everybody. */
export const platformLimits = {
  codeBytes: {
    tenant: 10 * MiB,
    unit: 'bytes',
    outcome: '413 `code_too_large` at deploy',
    meaning: 'Prepared code of one version',
  },
  headerBytes: {
    tenant: 32 * KiB,
    unit: 'bytes',
    outcome: '431 `headers_too_large`',
    meaning: 'Request line and headers of one request',
  },
  headerCount: {
    tenant: 200,
    unit: 'count',
    outcome: '431 `headers_too_large`',
    meaning: 'Header lines of one request, and of one response',
  },
  headersTimeoutMs: {
    tenant: 15_000,
    unit: 'ms',
    outcome: '408, connection closed',
    meaning: 'Time for a client to send the request head',
  },
  bodyIdleMs: {
    tenant: 30_000,
    unit: 'ms',
    outcome: '408, connection closed',
    meaning: 'Time without a byte of a request body that the worker is waiting for',
  },
  keepAliveMs: {
    tenant: 75_000,
    unit: 'ms',
    outcome: 'connection closed',
    meaning: 'Idle time of a keep-alive connection',
  },
  connections: {
    tenant: 10_000,
    unit: 'count',
    outcome: 'connection refused',
    meaning: 'Open client connections of one runner',
  },
  callDepth: {
    tenant: 16,
    unit: 'count',
    outcome: '508 `call_depth`',
    meaning: 'Levels of workers calling workers',
  },
  subrequests: {
    tenant: 50,
    unit: 'count',
    outcome: '`fetch` rejects with a `TypeError`',
    meaning: 'Outgoing requests, WebSockets and cache calls of one event, each redirect counted',
  },
  subrequestBodyBytes: {
    tenant: 4 * 1024 * MiB,
    unit: 'bytes',
    outcome: 'the body breaks off with a `TypeError`',
    meaning: 'Body of one outgoing request, and of its response before decompression',
  },
  tenantSubrequests: {
    tenant: 256,
    unit: 'count',
    outcome: '`fetch` rejects with a `TypeError`',
    meaning: 'Outgoing requests of one tenant in one runner at once, until their bodies have ended',
  },
  subrequestConnectMs: {
    tenant: 10_000,
    unit: 'ms',
    outcome: '`fetch` rejects with a `TypeError`',
    meaning: 'Time to resolve the name of an origin and connect to it, TLS included',
  },
  subrequestIdleMs: {
    tenant: 60_000,
    unit: 'ms',
    outcome: '`fetch` rejects, or the body breaks off, with a `TypeError`',
    meaning: 'Time without a byte of a response that the worker is waiting for',
  },
  subrequestsWaiting: {
    tenant: 6,
    unit: 'count',
    outcome: 'further ones wait',
    meaning: 'Outgoing requests of one event that wait for their response head at once',
  },
  kvOperations: {
    tenant: 1000,
    unit: 'count',
    outcome: 'the operation rejects with an `Error`',
    meaning: 'Operations on key-value namespaces of one event',
  },
  kvOperationsAtOnce: {
    tenant: 10,
    unit: 'count',
    outcome: 'further ones wait',
    meaning: 'Operations on key-value namespaces of one event that are not complete',
  },
  kvKeyBytes: {
    tenant: 512,
    unit: 'bytes',
    outcome: 'the operation rejects with an `Error`',
    meaning: 'Key of a key-value entry, as UTF-8',
  },
  kvValueBytes: {
    tenant: 25 * MiB,
    unit: 'bytes',
    outcome: '`put` rejects with an `Error`',
    meaning: 'Value of a key-value entry',
  },
  kvMetadataBytes: {
    tenant: KiB,
    unit: 'bytes',
    outcome: '`put` rejects with an `Error`',
    meaning: 'Metadata of a key-value entry, as JSON',
  },
  kvListKeys: {
    tenant: 1000,
    unit: 'count',
    outcome: 'the list is cut, with a cursor',
    meaning: 'Keys in one answer of `list`',
  },
  kvStalenessMs: {
    tenant: 1000,
    unit: 'ms',
    outcome: '–',
    meaning: 'How long readers through other runners may see what a `put` replaced',
  },
  storageOperations: {
    tenant: 100,
    unit: 'count',
    outcome: 'the operation rejects with an `Error`',
    meaning: 'Operations on object storages and assets of one event',
  },
  storageOperationsAtOnce: {
    tenant: 3,
    unit: 'count',
    outcome: 'further ones wait',
    meaning: 'Operations on object storages and assets of one event that are not complete',
  },
  storageKeyBytes: {
    tenant: 1024,
    unit: 'bytes',
    outcome: 'the operation rejects with an `Error`',
    meaning: 'Key of an object, as UTF-8',
  },
  storageObjectBytes: {
    tenant: 5 * 1024 * MiB,
    unit: 'bytes',
    outcome: '`put` rejects with an `Error`',
    meaning: 'Size of an object, and of one part of a multipart upload',
  },
  storageMetadataBytes: {
    tenant: 8 * KiB,
    unit: 'bytes',
    outcome: '`put` rejects with an `Error`',
    meaning: 'Custom metadata of an object, as JSON',
  },
  storageListKeys: {
    tenant: 1000,
    unit: 'count',
    outcome: 'the list is cut, with a cursor; `delete` rejects with an `Error`',
    meaning: 'Objects in one answer of `list`, and in one `delete`',
  },
  databaseQueries: {
    tenant: 100,
    unit: 'count',
    outcome: 'the query rejects with an `Error`',
    meaning: 'Queries and batches of one event to SQL databases',
  },
  databaseQueriesAtOnce: {
    tenant: 5,
    unit: 'count',
    outcome: 'further ones wait',
    meaning: 'Queries and batches of one event that are not complete',
  },
  databaseStatementBytes: {
    tenant: 100 * KiB,
    unit: 'bytes',
    outcome: 'the query rejects with an `Error`',
    meaning: 'One SQL statement, or the script of one `exec`',
  },
  databaseQuestionBytes: {
    tenant: 4 * MiB,
    unit: 'bytes',
    outcome: 'the query rejects with an `Error`',
    meaning: 'Statements and parameters of one query or batch, as they are sent',
  },
  databaseBatchStatements: {
    tenant: 100,
    unit: 'count',
    outcome: 'the batch rejects with an `Error`',
    meaning: 'Statements of one `batch` or `exec`',
  },
  databaseAnswerBytes: {
    tenant: 8 * MiB,
    unit: 'bytes',
    outcome: 'the query rejects with an `Error`, and is undone',
    meaning: 'What the server sends for one query or batch',
  },
  databaseConnectionsEach: {
    tenant: 5,
    unit: 'count',
    outcome: 'further queries wait, at most 10 s',
    meaning: 'Connections of one runner to one SQL database',
  },
  databaseConnections: {
    tenant: 60,
    unit: 'count',
    outcome: 'further queries wait, at most 10 s',
    meaning: 'Connections of one runner to all SQL databases',
  },
  databaseTenantQueries: {
    tenant: 10,
    unit: 'count',
    outcome: 'further queries wait',
    meaning: 'Queries of one tenant that one runner works on at once',
  },
  cacheEntryBytes: {
    tenant: 4 * MiB,
    unit: 'bytes',
    outcome: '`cache.put` resolves, and nothing is kept',
    meaning: 'Body of one cached response',
  },
  cacheTenantBytes: {
    tenant: 16 * MiB,
    unit: 'bytes',
    outcome: 'what was not used for longest is forgotten',
    meaning: 'Cached responses of one tenant in one runner',
  },
  cacheEntries: {
    tenant: 10_000,
    unit: 'count',
    outcome: 'what was not used for longest is forgotten',
    meaning: 'Cached responses of one tenant in one runner',
  },
  cacheTotalBytes: {
    tenant: 128 * MiB,
    unit: 'bytes',
    outcome: 'what was not used for longest is forgotten',
    meaning: 'Cached responses of all tenants in one runner',
  },
  codecBytes: {
    tenant: 64 * MiB,
    unit: 'bytes',
    outcome: 'the stream fails with `QuotaExceededError`',
    meaning:
      'Open compression streams of one isolate: 640 KiB each, decompression 448 KiB; with brotli 4 MiB and 16.5 MiB',
  },
  queuedEvents: {
    tenant: 1_000,
    unit: 'count',
    outcome: '503 `overloaded`, `Retry-After: 1`',
    meaning: 'Events waiting for an isolate or a thread in one sandbox',
  },
  webSocketMessageBytes: {
    tenant: MiB,
    unit: 'bytes',
    outcome: 'the WebSocket is closed with 1009',
    meaning: 'One WebSocket message, in either direction',
  },
  webSocketBufferBytes: {
    tenant: 8 * MiB,
    unit: 'bytes',
    outcome: 'the WebSocket breaks off: `error`, then `close` with 1006',
    meaning: 'Messages of one WebSocket that its peer has not taken yet (`bufferedAmount`)',
  },
  webSocketControlFrames: {
    tenant: 100,
    unit: 'count',
    outcome: 'the WebSocket is closed with 1008',
    meaning: 'Pings and pongs that a client of a WebSocket may send in a second',
  },
  bindingKeyLength: {
    tenant: 64,
    unit: 'count',
    outcome: '400 `invalid_input`',
    meaning: 'Length of a key of `env`',
  },
  bindingValueBytes: {
    tenant: 64 * KiB,
    unit: 'bytes',
    outcome: '400 `invalid_input`',
    meaning: 'Size of one variable or secret',
  },
  environmentValues: {
    tenant: 128,
    unit: 'count',
    outcome: '403 `limit_reached`',
    meaning: 'Variables, secrets and bindings of one environment',
  },
  environmentBytes: {
    tenant: 512 * KiB,
    unit: 'bytes',
    outcome: '403 `limit_reached`',
    meaning: 'Variables and secrets of one environment together',
  },
  cryptoBytes: {
    tenant: 60 * MiB,
    unit: 'bytes',
    outcome: '`OperationError`',
    meaning: 'Bytes of one operation of `crypto.subtle`',
  },
  cryptoKeyBytes: {
    tenant: 64 * KiB,
    unit: 'bytes',
    outcome: '`DataError` or `OperationError`',
    meaning: 'Size of a key that `crypto.subtle` imports or generates',
  },
  cryptoOperations: {
    tenant: 1024,
    unit: 'count',
    outcome: '`OperationError`',
    meaning: 'Operations of `crypto.subtle` of one isolate under way, together at most 64 MiB',
  },
  pbkdf2Iterations: {
    tenant: 1_000_000,
    unit: 'count',
    outcome: '`NotSupportedError`',
    meaning:
      'Iterations of PBKDF2 times the blocks that are derived; `cpuMs` allows about 400 000 with SHA-256',
  },
  rsaGenerateBits: {
    tenant: 4096,
    unit: 'count',
    outcome: '`OperationError`',
    meaning: 'Modulus of a generated RSA key, at least 1024; its exponent is 3 or 65537',
  },
  rsaImportBits: {
    tenant: 8192,
    unit: 'count',
    outcome: '`DataError`',
    meaning: 'Modulus of an imported RSA key; its exponent has at most 33 bits',
  },
  keptVersions: {
    tenant: 100,
    unit: 'count',
    outcome: 'older unreferenced versions are removed',
    meaning: 'Versions kept per worker',
  },
  logLineBytes: {
    tenant: 16 * KiB,
    unit: 'bytes',
    outcome: 'cut, with a mark',
    meaning: 'One log line of a worker',
  },
  logLines: {
    tenant: 256,
    unit: 'count',
    outcome: 'further lines dropped, with a mark',
    meaning: 'Log lines of one event',
  },
  nameLength: {
    tenant: 52,
    unit: 'count',
    outcome: '400 `invalid_name`',
    meaning: 'Length of a worker or project name',
  },
} as const satisfies Record<string, LimitRow>;

/** The limits that travel with a worker version to the sandbox; all in ms, bytes or counts. */
export type WorkerLimits = { -readonly [K in keyof typeof workerLimits]: number };

function column(name: 'tenant' | 'system'): WorkerLimits {
  const entries = Object.entries(workerLimits).map(([key, row]: [string, LimitRow]) => [
    key,
    row[name] ?? row.tenant,
  ]);
  // The keys come from the table itself, so the result has exactly the table's keys.
  return Object.fromEntries(entries) as WorkerLimits;
}

/** Default limits of a tenant's worker. */
export function defaultTenantLimits(): WorkerLimits {
  return column('tenant');
}

/** Default limits of a system worker (`api`, `dash`). */
export function defaultSystemLimits(): WorkerLimits {
  return column('system');
}
