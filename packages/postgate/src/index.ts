export { createPostgate, type Postgate, type PostgateOptions, type SqlJob } from './postgate.ts';
export type { SqlColumn, SqlResult, SqlStatement } from './session/session.ts';
export { SqlFailure } from './sql-failure.ts';
