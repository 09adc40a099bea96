import { platformLimits, type Logger } from '@openworkers/core';
import { SqlFailure, type Postgate, type SqlResult } from '@openworkers/postgate';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import { deafHandler } from '../../egress/deaf-handler.ts';
import { EgressRefusal } from '../../egress/egress-refusal.ts';
import type { Binding, BindingCall } from '../binding.ts';
import type { MemoryBudget, Reservation } from '../memory-budget.ts';
import { collectContent, failWith, readQuestion, sendHeld } from '../operation.ts';
import type { TenantTurns } from '../tenant-turns.ts';
import { databaseQuestion, sqlStatements } from './database-question.ts';

export interface DatabaseOperationsOptions {
  readonly postgate: Postgate;
  readonly turns: TenantTurns;
  readonly memory: MemoryBudget;
  readonly log: Logger;
}

interface Asked {
  readonly scope: BindingCall['scope'];
  readonly isScript: boolean;
  readonly signal: AbortSignal;
}

const maxBytes = platformLimits.databaseQuestionBytes.tenant;
/** A longer answer comes as bytes. */
const maxInlineLength = 64 * 1024;

/** SQL databases: what is asked goes to Postgate, and is cancelled when its event ends. */
export class DatabaseOperations implements Binding {
  readonly #options: DatabaseOperationsOptions;

  constructor(options: DatabaseOperationsOptions) {
    this.#options = options;
  }

  open({ scope, question, channel }: BindingCall): ChannelHandler {
    const { statements, isScript } = readQuestion(databaseQuestion, question);
    const gone = new AbortController();
    const asked = { scope, isScript, signal: gone.signal };
    const { turns, memory, log } = this.#options;
    const held = memory.open(scope.tenantId);
    const start = (text: string): void => {
      turns
        .run(scope.tenantId, () => this.#run(text, asked, channel))
        .catch((error: unknown) => failWith(channel, error, log))
        .finally(() => held.release());
    };
    const error = (): void => gone.abort();
    if (statements !== null) {
      start(statements);
      return { ...deafHandler(channel), error };
    }
    const handler = collectContent(channel, {
      maxBytes,
      memory: held,
      tooLarge: `The statements and parameters have more than ${maxBytes} bytes`,
      onComplete: (content) => start(content.toString('utf8')),
    });
    return {
      ...handler,
      error: (message) => {
        gone.abort();
        handler.error(message);
      },
    };
  }

  async #run(
    text: string,
    { scope, isScript, signal }: Asked,
    channel: PipeChannel,
  ): Promise<void> {
    if (signal.aborted) return;
    const statements = readQuestion(sqlStatements, parse(text));
    const startedAt = performance.now();
    const { tenantId, targetId: databaseId, shape } = scope;
    const hasPlaceholders = shape === 'cloudflare';
    const job = { tenantId, databaseId, statements, isScript, hasPlaceholders, signal };
    try {
      const results = await this.#options.postgate.run(job);
      const durationMs = Math.round((performance.now() - startedAt) * 1000) / 1000;
      const answer = { error: null, results: results.map(toAnswer), durationMs };
      sendAnswer(channel, answer, this.#options.memory.open(tenantId));
    } catch (error) {
      if (!(error instanceof SqlFailure)) throw error;
      const { message, code = '', detail = '' } = error;
      const answer = { error: { message, code, detail }, results: [], durationMs: 0 };
      channel.end(JSON.stringify(answer));
    }
  }
}

function sendAnswer(channel: PipeChannel, answer: object, memory: Reservation): void {
  const text = JSON.stringify(answer);
  if (text.length <= maxInlineLength) {
    channel.end(text);
    return;
  }
  sendHeld(channel, { head: {}, value: Buffer.from(text), memory });
}

/** Every field is there, so that reading it inside asks no prototype. */
function toAnswer({ rowCount, columns, rows }: SqlResult): object {
  return { rowCount: rowCount ?? null, columns: columns ?? null, rows };
}

function parse(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    throw new EgressRefusal('The operation is not valid');
  }
}
