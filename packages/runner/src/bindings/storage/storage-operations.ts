import type { Logger } from '@openworkers/core';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import { EgressRefusal } from '../../egress/egress-refusal.ts';
import { UploadStream } from '../../egress/fetch/upload-stream.ts';
import type { Binding, BindingCall } from '../binding.ts';
import { deafHandler } from '../../egress/deaf-handler.ts';
import { failWith, readQuestion } from '../operation.ts';
import type { TenantTurns } from '../tenant-turns.ts';
import { describeObject, sendHead, sendLong } from './object-answer.ts';
import { ObjectDownload } from './object-download.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectStores } from './object-stores.ts';
import {
  problemOfKeys,
  storageQuestion,
  type Question,
  type StorageQuestion,
} from './storage-question.ts';

export interface StorageOperationsOptions {
  readonly stores: ObjectStores;
  readonly turns: TenantTurns;
  readonly log: Logger;
}

const missing = { isFound: false };

/** Object storages, whatever store is behind them. */
export class StorageOperations implements Binding {
  readonly #options: StorageOperationsOptions;

  constructor(options: StorageOperationsOptions) {
    this.#options = options;
  }

  open({ scope, question, channel }: BindingCall): ChannelHandler {
    const asked = readQuestion(storageQuestion, question);
    const problem = problemOfKeys(asked);
    if (problem !== undefined) throw new EgressRefusal(problem);
    const call = new StorageCall(asked, channel);
    const { stores, turns, log } = this.#options;
    turns
      .run(scope.tenantId, async () => call.run(await stores.find(scope)))
      .catch((error: unknown) => call.fail(error, log));
    return call.handler;
  }
}

/** One operation, and what its channel hears. */
class StorageCall {
  readonly #asked: StorageQuestion;
  readonly #channel: PipeChannel;
  readonly #upload: UploadStream | undefined;
  #download: ObjectDownload | undefined;
  #isOver = false;

  constructor(asked: StorageQuestion, channel: PipeChannel) {
    this.#asked = asked;
    this.#channel = channel;
    if (asked.op !== 'put' && asked.op !== 'uploadPart') return;
    this.#upload = new UploadStream({
      // The store counts, and says what is wrong.
      maxBytes: Number.MAX_SAFE_INTEGER,
      onTaken: (bytes) => channel.grant(bytes),
    });
    // Whoever reads it is told; before that nobody is.
    this.#upload.on('error', () => undefined);
  }

  get handler(): ChannelHandler {
    const upload = this.#upload;
    return {
      ...deafHandler(this.#channel),
      ...(upload !== undefined && {
        data: (data) => upload.receive(typeof data === 'string' ? Buffer.from(data) : data),
        end: () => upload.receiveEnd(),
      }),
      sent: (bytes) => this.#download?.sent(bytes),
      error: () => this.#stop(),
    };
  }

  async run(store: ObjectStore): Promise<void> {
    if (this.#isOver) return;
    const asked = this.#asked;
    const channel = this.#channel;
    switch (asked.op) {
      case 'head': {
        const object = await store.head(asked.key);
        return sendHead(channel, object === undefined ? missing : found(describeObject(object)));
      }
      case 'get':
        return this.#get(store, asked);
      case 'put':
        return this.#put(store, asked);
      case 'list':
        return this.#list(store, asked);
      case 'delete':
        await store.delete(asked.keys);
        return sendHead(channel, {});
      case 'createUpload': {
        const { key, http, custom } = asked;
        const uploadId = await store.createUpload(key, { http: clean(http), custom });
        return sendHead(channel, { uploadId });
      }
      case 'uploadPart': {
        const { key, uploadId, part } = asked;
        const etag = await store.uploadPart({ key, uploadId }, part, this.#content());
        return sendHead(channel, { etag });
      }
      case 'completeUpload':
        return sendHead(
          channel,
          found(describeObject(await store.completeUpload(asked, asked.parts))),
        );
      case 'abortUpload':
        await store.abortUpload(asked);
        return sendHead(channel, {});
    }
  }

  /** Tells the isolate, and lets go of everything. */
  fail(error: unknown, log: Logger): void {
    if (!this.#isOver) failWith(this.#channel, error, log);
    this.#stop();
  }

  async #get(store: ObjectStore, { key, range, conditions }: Question<'get'>): Promise<void> {
    const got = await store.get(key, {
      range: range ?? undefined,
      conditions: conditions ?? undefined,
    });
    const channel = this.#channel;
    if (got === undefined) return sendHead(channel, missing);
    const { object, content } = got;
    if (content === undefined) return sendHead(channel, found(describeObject(object)));
    const { body, offset, length } = content;
    if (this.#isOver) {
      body.destroy();
      return;
    }
    channel.message(
      JSON.stringify({ ...found(describeObject(object)), range: { offset, length } }),
    );
    this.#download = new ObjectDownload(channel, body);
    await this.#download.over;
  }

  async #put(store: ObjectStore, asked: Question<'put'>): Promise<void> {
    const { key, http, custom, checksums, conditions } = asked;
    const object = await store.put(key, this.#content(), {
      metadata: { http: clean(http), custom },
      checksums: clean(checksums),
      conditions: conditions ?? undefined,
    });
    sendHead(this.#channel, object === undefined ? missing : found(describeObject(object)));
  }

  async #list(store: ObjectStore, asked: Question<'list'>): Promise<void> {
    const { prefix, delimiter, cursor, startAfter, limit } = asked;
    const { objects, prefixes, next } = await store.list({
      prefix,
      delimiter: delimiter ?? undefined,
      after: cursor === null ? (startAfter ?? undefined) : readCursor(cursor),
      limit,
    });
    sendLong(this.#channel, {
      objects: objects.map(describeObject),
      prefixes,
      cursor: next === undefined ? null : Buffer.from(next).toString('base64url'),
    });
  }

  #content(): UploadStream {
    if (this.#upload === undefined) throw new Error('an operation without content');
    return this.#upload;
  }

  #stop(): void {
    this.#isOver = true;
    this.#upload?.destroy(new EgressRefusal('The content broke off'));
    this.#download?.stop();
  }
}

function found(object: object): object {
  return { isFound: true, object, range: null };
}

function clean(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function readCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (Buffer.from(key).toString('base64url') === cursor && !key.includes('\0')) return key;
  throw new EgressRefusal('The cursor is not valid');
}
