import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const architecture = process.arch === 'arm64' ? 'arm64' : '64';
const workerd = fileURLToPath(
  new URL(
    `../../../../node_modules/@cloudflare/workerd-linux-${architecture}/bin/workerd`,
    import.meta.url,
  ),
);

/** What a worker answers in workerd, as JSON, for each path. */
export async function runInWorkerd(source: string, paths: readonly string[]): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ow-workerd-'));
  const port = await freePort();
  writeFileSync(join(folder, 'worker.js'), source);
  writeFileSync(join(folder, 'config.capnp'), configOf(port));
  const child = spawn(workerd, ['serve', join(folder, 'config.capnp')], { stdio: 'ignore' });
  try {
    const answers: unknown[] = [];
    for (const path of paths) {
      const response = await fetchWhenUp(`http://127.0.0.1:${port}${path}`);
      answers.push(await response.json());
    }
    return answers;
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function fetchWhenUp(url: string): Promise<Response> {
  const deadline = AbortSignal.timeout(20_000);
  for (;;) {
    try {
      return await fetch(url, { signal: deadline });
    } catch (error) {
      if (deadline.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const configOf = (port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01"
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`;
