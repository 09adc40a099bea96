export interface HeartbeatOptions {
  /** Asks the other side for a sign of life. */
  readonly ask: () => void;
  /** Called once, when nothing was heard for {@link missedBeats} beats. */
  readonly onSilent: () => void;
  readonly beatMs?: number;
}

/** A process that is only crowded out says something within seconds. */
const missedBeats = 8;

/**
 * Notices a process that hangs without dying. Beats are counted rather than time, so that it blames
 * nobody for a pause of its own process.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #unanswered = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    const { beatMs = 1_000 } = this.#options;
    this.#timer ??= setInterval(() => this.#beat(), beatMs);
  }

  /** The other side said something, whatever it was. */
  heard(): void {
    this.#unanswered = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    if (this.#unanswered >= missedBeats) {
      this.stop();
      this.#options.onSilent();
      return;
    }
    this.#unanswered += 1;
    this.#options.ask();
  }
}
