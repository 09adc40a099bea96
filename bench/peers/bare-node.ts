import { fileURLToPath } from 'node:url';
import { spawnServer, stopServer, type Peer } from '../peer.ts';

/** Node's own `http` server answering a constant: the ceiling for anything built on it. */
export async function startBareNode(port: number): Promise<Peer> {
  const script = fileURLToPath(new URL('bare-node-server.ts', import.meta.url));
  const child = await spawnServer(process.execPath, [script, String(port)], port);
  return {
    name: 'bare Node http',
    port,
    pid: child.pid ?? 0,
    hostOf: (index) => `w${index}.localhost`,
    stop: () => stopServer(child),
  };
}
