/** What one worker (all its versions together) has going on in this sandbox. */
export class WorkerLoad {
  /** Events in an isolate without a response head. */
  answering = 0;
  openStreams = 0;
  /** Events that wait for an isolate or for their turn. */
  queued = 0;

  get isZero(): boolean {
    return this.answering + this.openStreams + this.queued === 0;
  }
}
