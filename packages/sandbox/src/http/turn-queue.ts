import type { FramedPipe } from '../protocol/framed-pipe.ts';
import type { ConnectionReport } from './connection-report.ts';
import type { HttpExchange } from './http-exchange.ts';

/**
 * Starts the requests of one turn of the event loop together, after the runner has been told which
 * connections are busy with them. If this process dies in a request, the runner must know that the
 * connection cannot be given to another sandbox, because its request is lost with this one.
 */
export class TurnQueue {
  readonly #pipe: FramedPipe;
  readonly #report: ConnectionReport;
  readonly #run = (): void => this.#runTurn();
  #queue: HttpExchange[] = [];
  #isScheduled = false;

  constructor(pipe: FramedPipe, report: ConnectionReport) {
    this.#pipe = pipe;
    this.#report = report;
  }

  push(exchange: HttpExchange): void {
    this.#queue.push(exchange);
    this.schedule();
  }

  /** Has the report sent at the end of this turn. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  #runTurn(): void {
    this.#isScheduled = false;
    this.#report.flush();
    const exchanges = this.#queue;
    if (exchanges.length === 0) return this.#pipe.flush();
    this.#queue = [];
    this.#pipe.flushThen(() => {
      for (const exchange of exchanges) startSafely(exchange);
    });
  }
}

/** A fault of ours in one request must not take those with it that came in the same turn. */
function startSafely(exchange: HttpExchange): void {
  try {
    exchange.start();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
    exchange.answerError('internal');
  }
}
