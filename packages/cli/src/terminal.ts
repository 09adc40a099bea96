/** Where a command reads and writes; tests hand in their own. */
export interface Terminal {
  /** Data: what a program would read. */
  out(text: string): void;
  /** Talk: progress, warnings, errors. */
  err(text: string): void;
  /** Whether a person can answer questions. */
  readonly isInteractive: boolean;
  /** Whether talk may be coloured. */
  readonly hasColors: boolean;
  /** Asks a yes-or-no question; false when the person declines or leaves. */
  confirm(question: string): Promise<boolean>;
  /** Asks a person for a text, hidden while it is typed; undefined when the person leaves. */
  askHidden(question: string): Promise<string | undefined>;
  /** Everything that is piped in, at most `maxBytes`. */
  readInput(maxBytes: number): Promise<Uint8Array>;
}
