/* What a worker may know of its machine: nothing, so the same everywhere. */

export const EOL = '\n';
export const devNull = '/dev/null';
export const constants = { signals: {}, errno: {}, priority: {} };
export const arch = (): string => 'x64';
export const availableParallelism = (): number => 1;
export const cpus = (): unknown[] => [];
export const endianness = (): string => 'LE';
export const freemem = (): number => 0;
export const homedir = (): string => '/';
export const hostname = (): string => 'localhost';
export const loadavg = (): number[] => [0, 0, 0];
export const networkInterfaces = (): object => ({});
export const platform = (): string => 'linux';
export const release = (): string => '';
export const tmpdir = (): string => '/tmp';
export const totalmem = (): number => 0;
export const type = (): string => 'Linux';
export const uptime = (): number => 0;
export const version = (): string => '';
