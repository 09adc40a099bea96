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
}
