import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { greatest } from '../collect-list.ts';
import type { ListOptions, ObjectMetadata, StoredObject } from '../object-store.ts';

type Row = Record<string, SQLOutputValue>;

const schema = `
  create table if not exists objects (
    key text primary key,
    version text not null,
    size integer not null,
    etag text not null,
    uploaded integer not null,
    details text not null
  ) without rowid;
  create table if not exists uploads (
    id text primary key,
    key text not null,
    details text not null,
    created integer not null
  ) without rowid;
  create table if not exists parts (
    upload text not null references uploads (id) on delete cascade,
    part integer not null,
    version text not null,
    size integer not null,
    etag text not null,
    primary key (upload, part)
  ) without rowid;`;

export interface UploadedPart {
  readonly part: number;
  readonly version: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

/**
 * Which objects a folder has. SQLite, because a list needs an order, a condition needs a transaction,
 * and several runners share the folder. Keys are values here, and never names of files.
 */
export class ObjectIndex {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
    this.#database.exec('pragma journal_mode = wal; pragma synchronous = full;');
    this.#database.exec(schema);
  }

  close(): void {
    this.#database.close();
  }

  find(key: string): StoredObject | undefined {
    const row = this.#database.prepare('select * from objects where key = ?').get(key);
    return row === undefined ? undefined : toObject(row);
  }

  /**
   * Puts the object in place of what `isAllowed` accepts. Answers the version that was there, or
   * false when it is not replaced.
   */
  replace(
    object: StoredObject,
    isAllowed: (current: StoredObject | undefined) => boolean,
  ): { replaced: string | undefined } | false {
    return this.#transaction(() => {
      const current = this.find(object.key);
      if (!isAllowed(current)) return false;
      const { key, version, sizeBytes, etag, uploadedMs, http, custom, checksums } = object;
      this.#database
        .prepare('insert or replace into objects values (?, ?, ?, ?, ?, ?)')
        .run(
          key,
          version,
          sizeBytes,
          etag,
          uploadedMs,
          JSON.stringify({ http, custom, checksums }),
        );
      return { replaced: current?.version };
    });
  }

  /** Answers the versions that were there. */
  delete(keys: readonly string[]): string[] {
    return this.#transaction(() => {
      const remove = this.#database.prepare('delete from objects where key = ? returning version');
      return keys.flatMap((key) => remove.all(key).map((row) => text(row, 'version')));
    });
  }

  /** Objects with the prefix behind a key, in the order of bytes. */
  range({ prefix, after, limit }: Pick<ListOptions, 'prefix' | 'after' | 'limit'>): StoredObject[] {
    const end = `${prefix}${greatest}`;
    return this.#database
      .prepare('select * from objects where key >= ? and key <= ? and key > ? order by key limit ?')
      .all(prefix, end, after ?? '', limit)
      .map(toObject);
  }

  createUpload(id: string, key: string, metadata: ObjectMetadata, nowMs: number): void {
    this.#database
      .prepare('insert into uploads values (?, ?, ?, ?)')
      .run(id, key, JSON.stringify(metadata), nowMs);
  }

  findUpload(id: string, key: string): ObjectMetadata | undefined {
    const row = this.#database
      .prepare('select details from uploads where id = ? and key = ?')
      .get(id, key);
    // `createUpload` wrote it.
    return row === undefined ? undefined : (JSON.parse(text(row, 'details')) as ObjectMetadata);
  }

  /** Answers the version of the part that was there before. */
  putPart(uploadId: string, { part, version, sizeBytes, etag }: UploadedPart): string | undefined {
    return this.#transaction(() => {
      const before = this.#database
        .prepare('select version from parts where upload = ? and part = ?')
        .get(uploadId, part);
      this.#database
        .prepare('insert or replace into parts values (?, ?, ?, ?, ?)')
        .run(uploadId, part, version, sizeBytes, etag);
      return before === undefined ? undefined : text(before, 'version');
    });
  }

  parts(uploadId: string): UploadedPart[] {
    return this.#database
      .prepare('select * from parts where upload = ? order by part')
      .all(uploadId)
      .map((row) => ({
        part: Number(row['part']),
        version: text(row, 'version'),
        sizeBytes: Number(row['size']),
        etag: text(row, 'etag'),
      }));
  }

  deleteUpload(uploadId: string): void {
    this.#database.prepare('delete from uploads where id = ?').run(uploadId);
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('begin immediate');
    try {
      const result = work();
      this.#database.exec('commit');
      return result;
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    }
  }
}

function toObject(row: Row): StoredObject {
  return {
    key: text(row, 'key'),
    version: text(row, 'version'),
    sizeBytes: Number(row['size']),
    etag: text(row, 'etag'),
    uploadedMs: Number(row['uploaded']),
    // `replace` wrote it.
    ...(JSON.parse(text(row, 'details')) as Pick<StoredObject, 'http' | 'custom' | 'checksums'>),
  };
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new Error(`column ${column} is not a text`);
}
