import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { spawnServer, stopServer, type Peer } from '../peer.ts';
import { startOpenWorkers } from '../peers/openworkers.ts';
import { startWorkerdStatic } from '../peers/workerd.ts';
import { treePssBytes } from '../process-tree.ts';
import { median } from '../statistics.ts';

const originPort = 9405;
const ourPort = 9406;
const workerdPort = 9407;
const bytesPerRun = 1024 ** 3;
const host = 'streamer.localhost';

const source = `export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    // Whoever starts a peer waits for this.
    if (pathname === '/') return new Response('ready');
    const response = await fetch('http://127.0.0.1:${originPort}/${bytesPerRun}');
    if (pathname === '/passed-on') return new Response(response.body);
    return new Response(response.body.pipeThrough(new TransformStream({
      transform(chunk, controller) { controller.enqueue(chunk); },
    })));
  },
};
`;

/** One GiB from an origin through a worker: speed, and growth of the process tree meanwhile. */
export async function measureStreaming(rounds: number): Promise<string[]> {
  const script = fileURLToPath(new URL('../peers/origin-server.ts', import.meta.url));
  const origin = await spawnServer(process.execPath, [script, String(originPort)], originPort);
  const ours = await startOpenWorkers(ourPort, 0, { OW_EGRESS_ALLOW: '127.0.0.1/32' });
  // A transform is work of the worker's own, beyond the default limit for a gigabyte.
  await ours.deploy('streamer', source, { cpuMs: 60_000, wallMs: 60_000 });
  const workerd = await startWorkerdStatic(workerdPort, source);
  try {
    const rows: string[] = [];
    for (const path of ['/passed-on', '/transformed']) {
      rows.push(...(await compare([ours, workerd], path, rounds)));
    }
    return ['| 1 GiB | MiB/s | memory grows by MiB at most |', '| --- | --- | --- |', ...rows];
  } finally {
    await Promise.all([ours.stop(), workerd.stop(), stopServer(origin)]);
  }
}

async function compare(peers: readonly Peer[], path: string, rounds: number): Promise<string[]> {
  const seen = new Map<Peer, { speeds: number[]; growths: number[] }>();
  for (const peer of peers) seen.set(peer, { speeds: [], growths: [] });
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [peer, { speeds, growths }] of seen) {
      const { speed, growth } = await download(peer, path);
      if (round === 0) continue;
      speeds.push(speed);
      growths.push(growth);
    }
  }
  return [...seen].map(
    ([{ name }, { speeds, growths }]) =>
      `| ${path.slice(1)}, ${name} | ${median(speeds).toFixed(0)} | ${Math.max(...growths).toFixed(1)} |`,
  );
}

async function download(peer: Peer, path: string): Promise<{ speed: number; growth: number }> {
  const before = treePssBytes(peer.pid);
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, treePssBytes(peer.pid))), 200);
  const startedAt = performance.now();
  const bytes = await receive(peer.port, path);
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(timer);
  if (bytes !== bytesPerRun) throw new Error(`${peer.name}: ${bytes} bytes of ${path}`);
  const perMiB = 1024 * 1024;
  return { speed: bytes / perMiB / seconds, growth: (most - before) / perMiB };
}

function receive(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { port, host: '127.0.0.1', path, headers: { host }, timeout: 60_000 },
      (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => resolve(bytes));
        response.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no byte for 60 s')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
