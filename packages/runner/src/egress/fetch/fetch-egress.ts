import { messageOf, platformLimits } from '@openworkers/core';
import {
  readFetchQuestion,
  type ChannelHandler,
  type FetchQuestion,
  type PipeChannel,
} from '@openworkers/sandbox';
import type { Dispatcher } from 'undici';
import type { Egress, EgressRequest } from '../channel-desk.ts';
import { describeFailure } from '../describe-failure.ts';
import { EgressRefusal } from '../egress-refusal.ts';
import type { TenantSlots } from '../tenant-slots.ts';
import { OriginExchange } from './origin-exchange.ts';
import type { TenantAgents } from './tenant-agents.ts';
import { UploadStream } from './upload-stream.ts';

export interface FetchEgressOptions {
  readonly agents: TenantAgents;
  readonly slots: TenantSlots;
}

/** The connection's own headers are the platform's to write; a sandbox that sends them lies or is broken. */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const maxBodyBytes = platformLimits.subrequestBodyBytes.tenant;
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Channels of kind `fetch`: one request to an origin each. */
export class FetchEgress implements Egress {
  readonly #options: FetchEgressOptions;

  constructor(options: FetchEgressOptions) {
    this.#options = options;
  }

  open({ instance, argument }: EgressRequest, channel: PipeChannel): ChannelHandler {
    const question = read(argument);
    const { agents, slots } = this.#options;
    const { tenantId } = instance;
    const giveBack = slots.take(tenantId);
    const agent = agents.use(tenantId);
    const upload = question.hasBody ? openUpload(channel) : undefined;
    const send = (): void => dispatch(agent, question, { upload, exchange });
    const exchange = new OriginExchange({
      channel,
      upload,
      onOver: () => {
        giveBack();
        agents.release(tenantId);
      },
      retry: upload === undefined && repeatable.has(question.method) ? send : undefined,
    });
    send();
    return exchange;
  }
}

function openUpload(channel: PipeChannel): UploadStream {
  return new UploadStream({
    maxBytes: maxBodyBytes,
    onTaken: (bytes) => channel.grant(bytes),
  });
}

function dispatch(
  agent: Dispatcher,
  question: FetchQuestion,
  { upload, exchange }: { upload: UploadStream | undefined; exchange: OriginExchange },
): void {
  const { origin, pathname, search } = new URL(question.url);
  try {
    agent.dispatch(
      {
        origin,
        path: `${pathname}${search}`,
        // undici's type lists the usual ones; any token is a method.
        method: question.method as Dispatcher.HttpMethod,
        headers: headersOf(question),
        body: upload ?? null,
      },
      exchange,
    );
  } catch (error) {
    exchange.onResponseError(undefined, new EgressRefusal(describeFailure(asError(error))));
  }
}

function read(argument: string): FetchQuestion {
  let question: FetchQuestion;
  try {
    question = readFetchQuestion(argument);
  } catch (error) {
    throw new EgressRefusal(messageOf(error));
  }
  if (question.hasBody && (question.method === 'GET' || question.method === 'HEAD')) {
    throw new EgressRefusal(`a ${question.method} request cannot have a body`);
  }
  if (/^(?:connect|trace|track)$/i.test(question.method)) {
    throw new EgressRefusal(`the method ${question.method} is not allowed`);
  }
  return question;
}

function headersOf({ headers, hasBody, contentLength }: FetchQuestion): string[] {
  const parts = headers === '' ? [] : headers.split('\n');
  const kept: string[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const name = parts[at] ?? '';
    if (!connectionHeaders.has(name.toLowerCase())) kept.push(name, parts[at + 1] ?? '');
  }
  if (hasBody && contentLength !== undefined) kept.push('content-length', String(contentLength));
  return kept;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
