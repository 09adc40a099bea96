import { messageOf } from '@openworkers/core';
import {
  readCacheQuestion,
  type CacheHead,
  type CacheQuestion,
  type ChannelHandler,
  type PipeChannel,
} from '@openworkers/sandbox';
import type { Egress, EgressRequest } from '../channel-desk.ts';
import { deafHandler } from '../deaf-handler.ts';
import { EgressRefusal } from '../egress-refusal.ts';
import type { CacheEntry } from './cache-entry.ts';
import type { CacheKey, CacheStore } from './cache-store.ts';
import { answerMatch, type ByteSpan } from './match-answer.ts';

export interface CacheEgressOptions {
  readonly store: CacheStore;
  readonly now: () => number;
}

type Question<Op extends CacheQuestion['op']> = CacheQuestion & { op: Op };

/** Answers the Cache API of workers. */
export class CacheEgress implements Egress {
  readonly #options: CacheEgressOptions;

  constructor(options: CacheEgressOptions) {
    this.#options = options;
  }

  open({ instance, argument }: EgressRequest, channel: PipeChannel): ChannelHandler {
    const question = read(argument);
    const { name, url, headers } = question;
    const key: CacheKey = { tenantId: instance.tenantId, name, url, headers };
    switch (question.op) {
      case 'match':
        return this.#match(key, channel);
      case 'delete':
        channel.message(JSON.stringify(this.#options.store.delete(key)));
        channel.end();
        return deafHandler(channel);
      case 'put':
        return this.#put(key, question, channel);
    }
  }

  #match(key: CacheKey, channel: PipeChannel): ChannelHandler {
    const { store, now } = this.#options;
    const entry = store.find(key);
    if (entry === undefined) {
      channel.message('null');
      channel.end();
      return deafHandler(channel);
    }
    const { span, ...response } = answerMatch({
      response: entry.response,
      sizeBytes: entry.sizeBytes,
      ageMs: now() - entry.storedAtMs,
      requestHeaders: key.headers,
    });
    const hasBody = span.end > span.start;
    channel.message(JSON.stringify({ ...response, hasBody } satisfies CacheHead));
    return sendBody(entry, span, channel);
  }

  #put(key: CacheKey, { response }: Question<'put'>, channel: PipeChannel): ChannelHandler {
    const writer = this.#options.store.write(key, response);
    if (writer === undefined) {
      // Nothing is wrong with the worker: as on Cloudflare, it is simply not kept.
      channel.end();
      return deafHandler(channel);
    }
    return {
      ...deafHandler(channel),
      data: (data) => {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data;
        if (writer.write(bytes)) channel.grant(data.length);
        else channel.end();
      },
      end: () => {
        writer.finish();
        channel.end();
      },
      error: () => writer.abandon(),
    };
  }
}

/** @throws EgressRefusal what is wrong with it */
function read(argument: string): CacheQuestion {
  try {
    return readCacheQuestion(argument);
  } catch (error) {
    throw new EgressRefusal(messageOf(error));
  }
}

/** The entry's memory is held until the reader has all of it, or goes. */
function sendBody(
  entry: CacheEntry,
  { start, end }: ByteSpan,
  channel: PipeChannel,
): ChannelHandler {
  const release = entry.hold();
  let unsent = end - start;
  if (unsent === 0) release();
  const handler = {
    ...deafHandler(channel),
    sent: (bytes: number) => {
      unsent -= bytes;
      if (unsent <= 0) release();
    },
    error: release,
  };
  // `sent` may come while these are queued.
  channel.handler = handler;
  let at = 0;
  for (const block of entry.blocks) {
    channel.send(block.subarray(Math.max(0, start - at), Math.max(0, end - at)));
    at += block.length;
  }
  channel.end();
  return handler;
}
