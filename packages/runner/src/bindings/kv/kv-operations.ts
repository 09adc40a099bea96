import { platformLimits, type Clock, type Logger } from '@openworkers/core';
import {
  deleteKvEntries,
  getKvEntries,
  getKvEntry,
  listKvEntries,
  putKvEntry,
  type Database,
  type KvEntry,
  type KvScope,
} from '@openworkers/db';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import { deafHandler } from '../../egress/deaf-handler.ts';
import { EgressRefusal } from '../../egress/egress-refusal.ts';
import type { Binding, BindingCall } from '../binding.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import { collectContent, failWith, readQuestion, sendHeld } from '../operation.ts';
import type { TenantTurns } from '../tenant-turns.ts';
import { sendEntry, sendJson } from './kv-answer.ts';
import type { KvCache } from './kv-cache.ts';
import { readCursor, writeCursor } from './kv-cursor.ts';
import { kvQuestion, type KvPut, type KvQuestion } from './kv-question.ts';

export interface KvOperationsOptions {
  readonly database: Database;
  readonly cache: KvCache;
  readonly turns: TenantTurns;
  readonly memory: MemoryBudget;
  readonly clock: Clock;
  readonly log: Logger;
}

type Question<Op extends KvQuestion['op']> = Extract<KvQuestion, { op: Op }>;

const maxValueBytes = platformLimits.kvValueBytes.tenant;

/** Key-value namespaces: entries in PostgreSQL, with a cache of a second. */
export class KvOperations implements Binding {
  readonly #options: KvOperationsOptions;

  constructor(options: KvOperationsOptions) {
    this.#options = options;
  }

  open({ scope: { tenantId, targetId }, question, channel }: BindingCall): ChannelHandler {
    const asked = readQuestion(kvQuestion, question);
    const scope: KvScope = { tenantId, namespaceId: targetId };
    switch (asked.op) {
      case 'get': {
        const cached = this.#options.cache.find(scope, asked.key);
        if (cached !== undefined) {
          return sendEntry(channel, cached.entry, this.#options.memory.open(tenantId));
        }
        this.#run(scope, channel, () => this.#get(scope, asked, channel));
        return deafHandler(channel);
      }
      case 'getMany':
        this.#run(scope, channel, () => this.#getMany(scope, asked, channel));
        return deafHandler(channel);
      case 'delete':
        this.#run(scope, channel, () => this.#delete(scope, asked, channel));
        return deafHandler(channel);
      case 'list':
        this.#run(scope, channel, () => this.#list(scope, asked, channel));
        return deafHandler(channel);
      case 'put':
        return this.#openPut(scope, asked, channel);
    }
  }

  /** In the tenant's turn; what fails is told to the isolate. */
  #run(scope: KvScope, channel: PipeChannel, operation: () => Promise<void>): void {
    const { turns, log } = this.#options;
    turns.run(scope.tenantId, operation).catch((error: unknown) => failWith(channel, error, log));
  }

  async #get(scope: KvScope, { key }: Question<'get'>, channel: PipeChannel): Promise<void> {
    const { database, cache } = this.#options;
    const ticket = cache.beginRead(scope, key);
    const entry = await getKvEntry(database, { ...scope, key });
    cache.endRead(scope, ticket, entry);
    sendEntry(channel, entry, this.#options.memory.open(scope.tenantId));
  }

  async #getMany(scope: KvScope, asked: Question<'getMany'>, channel: PipeChannel): Promise<void> {
    const { keys } = asked;
    const { database, memory } = this.#options;
    const wanted = { ...scope, keys, maxBytes: maxValueBytes };
    const entries = await getKvEntries(database, wanted);
    if (entries === undefined) {
      throw new EgressRefusal(
        `KV GET failed: the values have together more than ${maxValueBytes} bytes`,
      );
    }
    const rows = keys.map((key) => {
      const entry = entries.get(key);
      const value = entry === undefined ? null : Buffer.from(entry.value).toString('utf8');
      return { key, value, metadata: entry?.metadata ?? null };
    });
    const value = Buffer.from(JSON.stringify(rows));
    sendHeld(channel, { head: {}, value, memory: memory.open(scope.tenantId) });
  }

  async #delete(scope: KvScope, { key }: Question<'delete'>, channel: PipeChannel): Promise<void> {
    const { database, cache } = this.#options;
    cache.noteWrite(scope, key);
    try {
      await deleteKvEntries(database, { ...scope, keys: [key] });
    } finally {
      cache.noteWrite(scope, key);
    }
    sendJson(channel, {});
  }

  async #list(scope: KvScope, asked: Question<'list'>, channel: PipeChannel): Promise<void> {
    const { prefix, cursor, limit } = asked;
    const after = cursor === null ? undefined : readCursor(cursor);
    // One more tells whether there are more.
    const query = { ...scope, prefix, after, limit: limit + 1 };
    const found = await listKvEntries(this.#options.database, query);
    const keys = found.slice(0, limit).map(({ key, metadata = null, expiresAt }) => ({
      name: key,
      expiration: expiresAt === undefined ? null : Math.floor(expiresAt.getTime() / 1000),
      metadata,
    }));
    const last = keys.at(-1);
    const isComplete = found.length <= limit || last === undefined;
    sendJson(channel, { keys, cursor: isComplete ? null : writeCursor(last.name) });
  }

  #openPut(scope: KvScope, asked: KvPut, channel: PipeChannel): ChannelHandler {
    const memory = this.#options.memory.open(scope.tenantId);
    const put = (value: Uint8Array): void =>
      this.#run(scope, channel, () =>
        this.#put(scope, { ...asked, value }, channel).finally(() => memory.release()),
      );
    if (asked.value !== null) {
      put(Buffer.from(asked.value));
      return deafHandler(channel);
    }
    return collectContent(channel, {
      maxBytes: maxValueBytes,
      tooLarge: `KV PUT failed: the value is larger than the limit of ${maxValueBytes} bytes`,
      memory,
      onComplete: put,
    });
  }

  async #put(
    scope: KvScope,
    { key, encoding, metadata, value, ...expires }: Omit<KvPut, 'value'> & Pick<KvEntry, 'value'>,
    channel: PipeChannel,
  ): Promise<void> {
    const { database, cache } = this.#options;
    const expiresAt = this.#expiryOf(expires);
    cache.noteWrite(scope, key);
    try {
      const entry = { value, encoding, metadata: metadata ?? undefined, expiresAt };
      await putKvEntry(database, { ...scope, key, ...entry });
    } finally {
      cache.noteWrite(scope, key);
    }
    sendJson(channel, {});
  }

  #expiryOf({ expiresAt, expiresIn }: Pick<KvPut, 'expiresAt' | 'expiresIn'>): Date | undefined {
    if (expiresIn !== null) return new Date(this.#options.clock.now() + expiresIn * 1000);
    return expiresAt === null ? undefined : new Date(expiresAt * 1000);
  }
}
