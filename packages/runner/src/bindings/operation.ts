import { AppError, type Logger } from '@openworkers/core';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import type { ZodType } from 'zod';
import { EgressRefusal } from '../egress/egress-refusal.ts';

/**
 * Reads a question of an isolate.
 *
 * @throws EgressRefusal when it has not that form: the runtime inside is not ours any more
 */
export function readQuestion<Question>(schema: ZodType<Question>, question: unknown): Question {
  const parsed = schema.safeParse(question);
  if (parsed.success) return parsed.data;
  throw new EgressRefusal('The operation is not valid');
}

/** Tells the isolate why an operation failed; faults of ours are logged and not told. */
export function failWith(channel: PipeChannel, error: unknown, log: Logger): void {
  if (error instanceof EgressRefusal) channel.fail(error.message);
  else if (error instanceof AppError && error.code === 'database_unavailable') {
    channel.fail('The store cannot be reached now. Try again shortly');
  } else {
    log.error({ err: error }, 'a binding failed');
    channel.fail('Internal error');
  }
}

const ignore = (): void => undefined;

/** For channels on which nothing more is to be heard; what comes is taken, so that its end arrives. */
export function deafHandler(channel: PipeChannel): ChannelHandler {
  return {
    message: ignore,
    data: (data) => channel.grant(data.length),
    end: ignore,
    error: ignore,
    sent: ignore,
  };
}

/** Takes everything the isolate sends, up to a limit, and calls `onComplete` with it. */
export function collectContent(
  channel: PipeChannel,
  options: { maxBytes: number; tooLarge: string; onComplete: (content: Buffer) => void },
): ChannelHandler {
  const parts: Buffer[] = [];
  let size = 0;
  return {
    ...deafHandler(channel),
    data: (data) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      size += bytes.length;
      if (size > options.maxBytes) {
        parts.length = 0;
        channel.fail(options.tooLarge);
        return;
      }
      // The frame's memory is shared with the frames beside it.
      parts.push(Buffer.from(bytes));
      channel.grant(data.length);
    },
    end: () => options.onComplete(Buffer.concat(parts, size)),
    error: () => {
      parts.length = 0;
    },
  };
}
