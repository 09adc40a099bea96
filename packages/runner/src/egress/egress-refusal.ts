/** Why a connection is not made, or broke, in words for the worker's author. */
export class EgressRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EgressRefusal';
  }
}
