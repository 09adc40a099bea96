import { AppError } from '@openworkers/core/app-error';
import type { FramedPipe } from './framed-pipe.ts';
import { frameTypes, type Refusal } from './messages.ts';

const maxOpenQuestions = 10_000;

interface OpenQuestion {
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: AppError) => void;
  readonly deadline: number;
}

export interface QuestionsOptions {
  readonly pipe: FramedPipe;
  /** How long the runner may take. */
  readonly timeoutMs: number;
}

/** What the sandbox has asked the runner and not yet been told. */
export class Questions {
  readonly #pipe: FramedPipe;
  readonly #timeoutMs: number;
  readonly #open = new Map<number, OpenQuestion>();
  readonly #timer: NodeJS.Timeout;
  #nextId = 1;

  constructor({ pipe, timeoutMs }: QuestionsOptions) {
    this.#pipe = pipe;
    this.#timeoutMs = timeoutMs;
    this.#timer = setInterval(() => this.#expire(), timeoutMs / 4);
    this.#timer.unref();
  }

  /**
   * Resolves to the payload of the answer.
   *
   * @throws AppError the runner's refusal, or `overloaded` when it does not answer in time
   */
  ask(
    type: typeof frameTypes.askRoute | typeof frameTypes.askVersion,
    question: unknown,
  ): Promise<Buffer> {
    if (this.#open.size >= maxOpenQuestions) return Promise.reject(new AppError('overloaded'));
    const id = this.#nextId;
    this.#nextId = (this.#nextId % (2 ** 32 - 1)) + 1;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject, deadline: performance.now() + this.#timeoutMs });
      this.#pipe.sendJson(type, id, question);
    });
  }

  /** Takes the answers among the runner's frames; answers false for all others. */
  handleFrame(type: number, id: number, payload: Buffer): boolean {
    if (type !== frameTypes.route && type !== frameTypes.version && type !== frameTypes.refusal) {
      return false;
    }
    const question = this.#open.get(id);
    this.#open.delete(id);
    if (type === frameTypes.refusal) question?.reject(readRefusal(payload));
    else question?.resolve(payload);
    return true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #expire(): void {
    const now = performance.now();
    for (const [id, question] of this.#open) {
      if (question.deadline > now) continue;
      this.#open.delete(id);
      question.reject(new AppError('overloaded', undefined, { retryAfterSeconds: 1 }));
    }
  }
}

function readRefusal(payload: Buffer): AppError {
  // The sandbox trusts the runner.
  const { code, message, retryAfterSeconds } = JSON.parse(payload.toString('utf8')) as Refusal;
  return new AppError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}
