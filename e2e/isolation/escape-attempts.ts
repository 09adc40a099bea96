/**
 * A program for the inside of a sandbox process: tries what a break-out from an isolate would try,
 * and prints how each attempt ended. `target` is a file, a folder, a port and a process of the host.
 */
export function escapeAttempts(target: {
  file: string;
  folder: string;
  port: number;
  pid: number;
}): string {
  return `
const { file, folder, port, pid } = ${JSON.stringify(target)};
const load = (name) => process.getBuiltinModule(name);
const fs = load('node:fs'), net = load('node:net'), child = load('node:child_process');
const settle = (start) => new Promise((resolve, reject) => start(resolve, reject));
const attempts = {
  'read a file of the platform': () => fs.readFileSync(file),
  'read /etc/passwd': () => fs.readFileSync('/etc/passwd'),
  'read its own environment': () => fs.readFileSync('/proc/self/environ'),
  'read the memory map': () => fs.readFileSync('/proc/self/maps'),
  'list a folder': () => fs.readdirSync(folder),
  'stat a folder': () => fs.statSync(folder),
  'write a file': () => fs.writeFileSync(folder + '/written', 'x'),
  'make a link': () => fs.symlinkSync('/etc/passwd', folder + '/link'),
  'open a promise of a file': () => fs.promises.open(file),
  'connect': () => settle((ok, bad) => net.connect(port, '127.0.0.1').on('connect', ok).on('error', bad)),
  'connect to a unix socket': () => settle((ok, bad) => net.connect(folder + '/socket').on('connect', ok).on('error', bad)),
  'listen': () => settle((ok, bad) => net.createServer().on('error', bad).listen(0, ok)),
  'resolve a name': () => load('node:dns').promises.lookup('localhost'),
  'ask a name server': () => load('node:dns').promises.resolve('example.com'),
  'send a datagram': () => settle((ok, bad) => { const socket = load('node:dgram').createSocket('udp4'); socket.on('error', bad); socket.send('x', port, '127.0.0.1', (error) => (error ? bad(error) : ok())); }),
  'fetch': () => fetch('http://127.0.0.1:' + port + '/').catch((error) => { throw error.cause ?? error; }),
  'spawn': () => settle((ok, bad) => child.spawn('/bin/true').on('error', bad).on('spawn', ok)),
  'exec': () => child.execSync('true'),
  'start a thread': () => new (load('node:worker_threads').Worker)('1', { eval: true }),
  'open an inspector': () => load('node:inspector').open(0),
  'use WASI': () => new (load('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }),
  'load another program': () => process.dlopen({ exports: {} }, folder + '/other.node'),
  'replace itself': () => process.execve('/bin/true', ['true'], {}),
  'signal the platform': () => process.kill(pid, 0),
};
const results = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try { await attempt(); results[name] = 'done'; }
  catch (error) { results[name] = error.code ?? String(error); }
}
results.environment = Object.keys(process.env).join();
process.stdout.write(JSON.stringify(results), () => process.exit(0));
`;
}
