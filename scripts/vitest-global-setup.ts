import { serveTestDatabases, testServerVariable } from '../packages/db/src/testing/index.ts';

/**
 * Hands test processes the address of the run's own PostgreSQL, which starts when a test first asks
 * for it. `PG_BIN` names a folder with the programs of another PostgreSQL.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Projects share the set-up: the first one to get here serves all.
  if (process.env[testServerVariable] !== undefined) return undefined;
  const server = await serveTestDatabases({ binDirectory: process.env['PG_BIN'] });
  process.env[testServerVariable] = server.socketPath;
  // Vitest runs no teardown when it is interrupted: it exits within a millisecond.
  const removeLater = () => server.removeLater();
  process.once('exit', removeLater);
  return async () => {
    process.off('exit', removeLater);
    await server.close();
  };
}
