import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { platformLimits, type Clock } from '@openworkers/core';
import { EgressRefusal } from '../../../egress/egress-refusal.ts';
import { resolveRange } from '../byte-range.ts';
import { meetsConditions } from '../conditions.ts';
import { ContentDigests } from '../content-digests.ts';
import { collectList } from '../collect-list.ts';
import type {
  ByteRange,
  Conditions,
  FoundObject,
  ListOptions,
  ObjectList,
  ObjectMetadata,
  ObjectStore,
  PutOptions,
  StoredObject,
  UploadKey,
} from '../object-store.ts';
import { ObjectIndex } from './object-index.ts';

const maxBytes = platformLimits.storageObjectBytes.tenant;
const tooLarge = `An object has at most ${maxBytes} bytes`;
/** What a put must leave free on the disk, for the platform's own needs. */
const keepFreeBytes = 256 * 1024 * 1024;

interface Written {
  readonly version: string;
  readonly sizeBytes: number;
  readonly checksums: { md5: string } & Record<string, string>;
}

/**
 * Objects in a folder. Files are named by random versions, never by keys, and never change: a reader
 * that has one open reads it to its end, whatever is put meanwhile.
 */
export class FolderStore implements ObjectStore {
  readonly #folder: string;
  readonly #index: ObjectIndex;
  readonly #clock: Clock;

  private constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#index = new ObjectIndex(join(folder, 'index.sqlite'));
    this.#clock = clock;
  }

  static async open(folder: string, clock: Clock): Promise<FolderStore> {
    await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
    await mkdir(join(folder, 'incoming'), { recursive: true, mode: 0o700 });
    return new FolderStore(folder, clock);
  }

  close(): void {
    this.#index.close();
  }

  head(key: string): Promise<StoredObject | undefined> {
    return Promise.resolve(this.#index.find(key));
  }

  async get(
    key: string,
    { range, conditions }: { range: ByteRange | undefined; conditions: Conditions | undefined },
  ): Promise<FoundObject | undefined> {
    // A put may come between the index and the file, and another one: not forever.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const object = this.#index.find(key);
      if (object === undefined) return undefined;
      if (!meetsConditions(object, conditions)) return { object, content: undefined };
      const { offset, length } = resolveRange(range, object.sizeBytes);
      const body = await this.#read(object.version, offset, length);
      if (body !== undefined) return { object, content: { body, offset, length } };
    }
    throw new EgressRefusal('The object changes too fast to be read');
  }

  async put(key: string, body: Readable, options: PutOptions): Promise<StoredObject | undefined> {
    const { metadata, checksums, conditions } = options;
    if (!meetsConditions(this.#index.find(key), conditions)) return undefined;
    const written = await this.#write(body, checksums);
    const object = this.#objectOf(key, written, metadata);
    return this.#replace(object, (current) => meetsConditions(current, conditions));
  }

  list(options: ListOptions): Promise<ObjectList> {
    return Promise.resolve(collectList(options, (query) => this.#index.range(query)));
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const version of this.#index.delete(keys)) await this.#remove(version);
  }

  createUpload(key: string, metadata: ObjectMetadata): Promise<string> {
    const id = newVersion();
    this.#index.createUpload(id, key, metadata, this.#clock.now());
    return Promise.resolve(id);
  }

  async uploadPart({ key, uploadId }: UploadKey, part: number, body: Readable): Promise<string> {
    this.#requireUpload({ key, uploadId });
    const { version, sizeBytes, checksums } = await this.#write(body, {});
    const etag = checksums.md5;
    let before: string | undefined;
    try {
      before = this.#index.putPart(uploadId, { part, version, sizeBytes, etag });
    } catch {
      // The upload was completed or given up meanwhile.
      await this.#remove(version);
      throw noUpload();
    }
    if (before !== undefined) await this.#remove(before);
    return etag;
  }

  async completeUpload(
    upload: UploadKey,
    wanted: readonly { part: number; etag: string }[],
  ): Promise<StoredObject> {
    const metadata = this.#requireUpload(upload);
    const uploaded = this.#index.parts(upload.uploadId);
    const parts = wanted.map(({ part, etag }) => {
      const found = uploaded.find((each) => each.part === part && each.etag === etag);
      if (found === undefined) throw new EgressRefusal(`There is no part ${part} with that etag`);
      return found;
    });
    const read = async function* (store: FolderStore): AsyncGenerator<Buffer> {
      for (const { version, sizeBytes } of parts) {
        const body = await store.#read(version, 0, sizeBytes);
        if (body === undefined) throw noUpload();
        yield* body;
      }
    };
    const written = await this.#write(Readable.from(read(this), { objectMode: false }), {});
    const digests = parts.map(({ etag }) => Buffer.from(etag, 'hex'));
    const etag = `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}`;
    const object = { ...this.#objectOf(upload.key, written, metadata), etag, checksums: {} };
    await this.#replace(object, () => true);
    await this.#dropUpload(upload.uploadId);
    return object;
  }

  async abortUpload(upload: UploadKey): Promise<void> {
    if (this.#index.findUpload(upload.uploadId, upload.key) === undefined) return;
    await this.#dropUpload(upload.uploadId);
  }

  #requireUpload({ key, uploadId }: UploadKey): ObjectMetadata {
    const metadata = this.#index.findUpload(uploadId, key);
    if (metadata === undefined) throw noUpload();
    return metadata;
  }

  async #dropUpload(uploadId: string): Promise<void> {
    const parts = this.#index.parts(uploadId);
    this.#index.deleteUpload(uploadId);
    for (const { version } of parts) await this.#remove(version);
  }

  #objectOf(key: string, written: Written, { http, custom }: ObjectMetadata): StoredObject {
    const { version, sizeBytes, checksums } = written;
    const uploadedMs = this.#clock.now();
    return { key, version, sizeBytes, etag: checksums.md5, uploadedMs, http, custom, checksums };
  }

  async #replace(
    object: StoredObject,
    isAllowed: (current: StoredObject | undefined) => boolean,
  ): Promise<StoredObject | undefined> {
    const done = this.#index.replace(object, isAllowed);
    const unused = done === false ? object.version : done.replaced;
    if (unused !== undefined) await this.#remove(unused);
    return done === false ? undefined : object;
  }

  /** Everything is on the disk before anybody can find it. */
  async #write(body: Readable, expected: Readonly<Record<string, string>>): Promise<Written> {
    // It may break before anybody reads it; who does hears of it.
    body.on('error', () => undefined);
    await this.#requireSpace();
    const version = newVersion();
    const incoming = join(this.#folder, 'incoming', version);
    const digests = new ContentDigests(expected, { maxBytes, tooLarge });
    try {
      const file = await open(incoming, 'wx', 0o600);
      await pipeline(body, digests, file.createWriteStream({ flush: true }));
      const checksums = digests.finish(expected);
      await mkdir(this.#folderOf(version), { recursive: true, mode: 0o700 });
      await rename(incoming, this.#pathOf(version));
      return { version, sizeBytes: digests.sizeBytes, checksums };
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  }

  async #read(version: string, offset: number, length: number): Promise<Readable | undefined> {
    if (length === 0) return Readable.from([]);
    try {
      // No link is followed, whoever has put one there.
      const file = await open(this.#pathOf(version), constants.O_RDONLY | constants.O_NOFOLLOW);
      return file.createReadStream({ start: offset, end: offset + length - 1 });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #remove(version: string): Promise<void> {
    await rm(this.#pathOf(version), { force: true });
  }

  async #requireSpace(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < keepFreeBytes) throw new EgressRefusal('The store is full');
  }

  #folderOf(version: string): string {
    return join(this.#folder, 'data', version.slice(0, 2));
  }

  #pathOf(version: string): string {
    return join(this.#folderOf(version), version);
  }
}

function newVersion(): string {
  return randomBytes(16).toString('hex');
}

function noUpload(): EgressRefusal {
  return new EgressRefusal('There is no such multipart upload');
}
