import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import type { Binding, BindingCall } from '../binding.ts';
import { deafHandler } from '../../egress/deaf-handler.ts';
import { failWith, readQuestion } from '../operation.ts';
import { ObjectDownload } from '../storage/object-download.ts';
import type { FoundObject, ObjectStore, StoredObject } from '../storage/object-store.ts';
import type { StorageOperationsOptions } from '../storage/storage-operations.ts';
import { assetsQuestion, conditionsOf, headersOf, keysOfPath, rangeOf } from './asset-request.ts';
import { contentTypeOf } from './content-type.ts';

/** Files of a storage over HTTP: there is no way to write here, whatever a worker asks. */
export class AssetsOperations implements Binding {
  readonly #options: StorageOperationsOptions;

  constructor(options: StorageOperationsOptions) {
    this.#options = options;
  }

  open({ scope, question, channel }: BindingCall): ChannelHandler {
    const { method, url, headers } = readQuestion(assetsQuestion, question);
    const { stores, turns, log } = this.#options;
    const answer = new AssetAnswer(channel, method === 'HEAD');
    if (method !== 'GET' && method !== 'HEAD') {
      answer.sendEmpty(405, [['allow', 'GET, HEAD']]);
      return deafHandler(channel);
    }
    turns
      .run(scope.tenantId, async () => {
        const store = await stores.find(scope);
        await answer.run(store, new URL(url).pathname, headersOf(headers));
      })
      .catch((error: unknown) => failWith(channel, error, log));
    return answer.handler;
  }
}

type Pairs = readonly (readonly [string, string])[];

class AssetAnswer {
  readonly #channel: PipeChannel;
  readonly #isHead: boolean;
  #download: ObjectDownload | undefined;
  #isOver = false;

  constructor(channel: PipeChannel, isHead: boolean) {
    this.#channel = channel;
    this.#isHead = isHead;
  }

  get handler(): ChannelHandler {
    return {
      ...deafHandler(this.#channel),
      sent: (bytes) => this.#download?.sent(bytes),
      error: () => {
        this.#isOver = true;
        this.#download?.stop();
      },
    };
  }

  async run(store: ObjectStore, pathname: string, headers: Headers): Promise<void> {
    for (const key of keysOfPath(pathname)) {
      const head = await store.head(key);
      if (head === undefined) continue;
      const wanted = this.#isHead ? undefined : rangeOf(headers);
      const range = isRangeOfThis(headers, head) ? wanted : undefined;
      if (
        range?.offset !== undefined &&
        (range.offset ?? 0) >= head.sizeBytes &&
        range.suffix === null
      ) {
        return this.sendEmpty(416, [['content-range', `bytes */${head.sizeBytes}`]]);
      }
      const found = await store.get(key, { range, conditions: conditionsOf(headers) });
      if (found !== undefined) return this.#send(found, range === undefined ? 200 : 206);
    }
    const page = await store.get('404.html', { range: undefined, conditions: undefined });
    if (page === undefined) return this.sendEmpty(404, []);
    await this.#send(page, 404);
  }

  sendEmpty(status: number, pairs: Pairs): void {
    this.#channel.end(head(status, pairs));
  }

  async #send({ object, content }: FoundObject, status: number): Promise<void> {
    const pairs = describe(object);
    if (content === undefined) return this.sendEmpty(304, pairs);
    const { body, offset, length } = content;
    const all: Pairs = [
      ...pairs,
      ['content-length', String(length)],
      ...(status === 206
        ? ([
            ['content-range', `bytes ${offset}-${offset + length - 1}/${object.sizeBytes}`],
          ] as const)
        : []),
    ];
    if (this.#isHead || this.#isOver) {
      body.destroy();
      return this.sendEmpty(status, all);
    }
    this.#channel.message(head(status, all));
    this.#download = new ObjectDownload(this.#channel, body);
    await this.#download.over;
  }
}

function head(status: number, pairs: Pairs): string {
  return JSON.stringify({ status, headers: pairs.flat().join('\n') });
}

function describe({ key, etag, uploadedMs, http }: StoredObject): Pairs {
  return [
    ['content-type', http['contentType'] ?? contentTypeOf(key)],
    ['etag', `"${etag}"`],
    ['last-modified', new Date(uploadedMs).toUTCString()],
    ['cache-control', http['cacheControl'] ?? 'public, max-age=0, must-revalidate'],
    ['accept-ranges', 'bytes'],
    ['x-content-type-options', 'nosniff'],
    ...(http['contentEncoding'] === undefined
      ? []
      : ([['content-encoding', http['contentEncoding']]] as const)),
  ];
}

/** `If-Range`: a part of something else is of no use. */
function isRangeOfThis(headers: Headers, { etag }: StoredObject): boolean {
  const only = headers.get('if-range');
  return only === null || only === `"${etag}"`;
}
