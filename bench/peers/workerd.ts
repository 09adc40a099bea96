import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { helloSource, spawnServer, stopServer, type Peer } from '../peer.ts';

// The binary itself: npm's `workerd` is a script that would leave it behind when stopped.
const workerd = fileURLToPath(
  new URL(
    `../../node_modules/@cloudflare/workerd-linux-${process.arch === 'arm64' ? 'arm64' : '64'}/bin/workerd`,
    import.meta.url,
  ),
);

/** One worker, hello world if no other is given, in workerd's configuration file. */
export function startWorkerdStatic(port: number, source = helloSource): Promise<Peer> {
  return startWorkerd({ name: 'workerd static', port, source, bindings: '' });
}

/** A dispatcher that loads one isolate per Host header through workerd's worker loader. */
export function startWorkerdLoader(port: number): Promise<Peer> {
  const source = `const code = ${JSON.stringify(helloSource)};
export default {
  fetch(request, env) {
    const worker = env.LOADER.get(request.headers.get('host'), async () => ({
      compatibilityDate: '2026-01-01',
      mainModule: 'worker.js',
      modules: { 'worker.js': code },
    }));
    return worker.getEntrypoint().fetch(request);
  },
};
`;
  const bindings = ', bindings = [(name = "LOADER", workerLoader = ())]';
  return startWorkerd({ name: 'workerd loader', port, source, bindings });
}

interface WorkerdOptions {
  readonly name: string;
  readonly port: number;
  readonly source: string;
  readonly bindings: string;
}

async function startWorkerd({ name, port, source, bindings }: WorkerdOptions): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'ow-bench-workerd-'));
  writeFileSync(join(folder, 'worker.js'), source);
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01"${bindings}
  )),
  (name = "internet", network = (allow = ["public", "local"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`;
  writeFileSync(join(folder, 'config.capnp'), config);
  const args = ['serve', '--experimental', join(folder, 'config.capnp')];
  const child = await spawnServer(workerd, args, port);
  return {
    name,
    port,
    pid: child.pid ?? 0,
    hostOf: (index) => `w${index}.localhost`,
    stop: async () => {
      await stopServer(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
