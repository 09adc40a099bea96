import { AppError, messageOf, type Logger } from '@openworkers/core';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import type { ZodType } from 'zod';
import { deafHandler } from '../egress/deaf-handler.ts';
import { EgressRefusal } from '../egress/egress-refusal.ts';
import type { Reservation } from './memory-budget.ts';

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

/** Takes everything the isolate sends, up to a limit, and calls `onComplete` with it. */
export function collectContent(
  channel: PipeChannel,
  options: {
    maxBytes: number;
    tooLarge: string;
    /** Holds what has come, until `onComplete`, whose business it is then. */
    memory: Reservation;
    onComplete: (content: Buffer) => void;
  },
): ChannelHandler {
  const parts: Buffer[] = [];
  let size = 0;
  const giveUp = (message: string): void => {
    parts.length = 0;
    options.memory.release();
    channel.fail(message);
  };
  return {
    ...deafHandler(channel),
    data: (data) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      size += bytes.length;
      if (size > options.maxBytes) return giveUp(options.tooLarge);
      try {
        options.memory.add(bytes.length);
      } catch (error) {
        return giveUp(messageOf(error));
      }
      // The frame's memory is shared with the frames beside it.
      parts.push(Buffer.from(bytes));
      channel.grant(data.length);
    },
    end: () => options.onComplete(Buffer.concat(parts, size)),
    error: () => {
      parts.length = 0;
      options.memory.release();
    },
  };
}

interface HeldAnswer {
  readonly head: object;
  readonly value: Uint8Array;
  readonly memory: Reservation;
}

/**
 * Answers with a head and bytes, and holds their memory until they have left or the channel is over.
 * Returns who hears what comes on the channel, which is set already.
 *
 * @throws EgressRefusal before anything is sent, when there is not that much memory
 */
export function sendHeld(
  channel: PipeChannel,
  { head, value, memory }: HeldAnswer,
): ChannelHandler {
  memory.add(value.byteLength);
  const handler: ChannelHandler = {
    ...deafHandler(channel),
    sent: (bytes) => memory.release(bytes),
    error: () => memory.release(),
  };
  // Bytes may leave while they are queued.
  channel.handler = handler;
  channel.message(JSON.stringify(head));
  channel.send(value);
  channel.end();
  return handler;
}
