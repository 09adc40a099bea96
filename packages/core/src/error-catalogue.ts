/** Who has to act: the caller, the worker's author, or the operator. */
export type ErrorKind = 'user' | 'worker' | 'system';

interface CatalogueEntry {
  readonly status: number;
  readonly kind: ErrorKind;
  /** Default message and the text of `docs/reference/errors.md`. */
  readonly message: string;
}

/** Every stable error code of the platform. Codes are never renamed. */
export const errorCatalogue = {
  // Routing
  bad_request: { status: 400, kind: 'user', message: 'The request could not be understood.' },
  invalid_host: { status: 400, kind: 'user', message: 'The Host header is not a valid host name.' },
  host_not_found: { status: 404, kind: 'user', message: 'No worker answers on this host.' },
  not_found: { status: 404, kind: 'user', message: 'There is nothing here.' },
  worker_not_deployed: {
    status: 404,
    kind: 'user',
    message: 'This worker has no deployed version yet.',
  },
  request_body_too_large: {
    status: 413,
    kind: 'user',
    message: 'The request body is larger than the limit.',
  },
  request_timeout: {
    status: 408,
    kind: 'user',
    message: 'The request was not received completely in time.',
  },
  headers_too_large: {
    status: 431,
    kind: 'user',
    message: 'The request headers are larger than the limit.',
  },
  // Running a worker
  worker_busy: {
    status: 429,
    kind: 'worker',
    message: 'Too many requests of this worker are in progress. Try again shortly.',
  },
  worker_cpu_limit: {
    status: 429,
    kind: 'worker',
    message: 'The worker exceeded its CPU time limit.',
  },
  worker_memory_limit: {
    status: 429,
    kind: 'worker',
    message: 'The worker exceeded its memory limit.',
  },
  worker_wall_limit: {
    status: 504,
    kind: 'worker',
    message: 'The worker did not answer within its wall-clock limit.',
  },
  worker_exception: { status: 500, kind: 'worker', message: 'The worker threw an exception.' },
  worker_no_handler: {
    status: 501,
    kind: 'worker',
    message: 'The worker has no fetch handler.',
  },
  worker_retired: {
    status: 503,
    kind: 'worker',
    message: 'The isolate serving this request was stopped. Try again.',
  },
  call_depth: {
    status: 508,
    kind: 'worker',
    message: 'Workers called each other too many levels deep.',
  },
  overloaded: {
    status: 503,
    kind: 'system',
    message: 'The platform is overloaded. Try again shortly.',
  },
  draining: { status: 503, kind: 'system', message: 'This runner is shutting down. Try again.' },
  sandbox_lost: {
    status: 503,
    kind: 'system',
    message: 'The process serving this request ended. Try again.',
  },
  database_unavailable: {
    status: 503,
    kind: 'system',
    message: 'The database cannot be reached. Try again shortly.',
  },
  internal: { status: 500, kind: 'system', message: 'Internal error.' },
  // Control plane
  invalid_input: { status: 400, kind: 'user', message: 'The input is not valid.' },
  invalid_name: { status: 400, kind: 'user', message: 'The name is not valid.' },
  name_reserved: { status: 409, kind: 'user', message: 'The name is reserved by the platform.' },
  name_taken: { status: 409, kind: 'user', message: 'The name is already in use.' },
  worker_not_found: { status: 404, kind: 'user', message: 'There is no such worker.' },
  worker_in_use: {
    status: 409,
    kind: 'user',
    message: 'An environment binds this worker. Unbind it first.',
  },
  environment_not_found: { status: 404, kind: 'user', message: 'There is no such environment.' },
  resource_not_found: {
    status: 404,
    kind: 'user',
    message: 'There is no such namespace, storage, database or worker.',
  },
  resource_in_use: {
    status: 409,
    kind: 'user',
    message: 'An environment binds this. Unset the binding first.',
  },
  secret_unreadable: {
    status: 500,
    kind: 'system',
    message: 'A secret cannot be decrypted with the master keys at hand.',
  },
  user_not_found: { status: 404, kind: 'user', message: 'There is no such user.' },
  alias_not_found: { status: 404, kind: 'user', message: 'There is no such alias.' },
  forbidden: { status: 403, kind: 'user', message: 'You may not do this.' },
  limit_reached: { status: 403, kind: 'user', message: 'The account limit is reached.' },
  code_too_large: {
    status: 413,
    kind: 'user',
    message: 'The worker is larger than the code size limit.',
  },
  build_failed: { status: 422, kind: 'user', message: 'The worker could not be built.' },
  start_failed: {
    status: 422,
    kind: 'user',
    message: 'The worker could not be started.',
  },
  // Operation
  migration_mismatch: {
    status: 500,
    kind: 'system',
    message: 'The migrations in the database do not match those of this program.',
  },
  schema_newer: {
    status: 500,
    kind: 'system',
    message: 'The database was migrated by a newer version of this program.',
  },
  invalid_config: { status: 500, kind: 'system', message: 'A setting is not valid.' },
  unsupported_platform: {
    status: 500,
    kind: 'system',
    message: 'This machine is not supported: Linux on x64 or arm64 is needed.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
