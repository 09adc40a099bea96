/** What handlers keep between requests: a value is gone once it is taken. */
export class Stash {
  readonly #values = new Map<string, unknown>();

  put(path: string, key: string, value: unknown): void {
    this.#values.set(`${path}\n${key}`, value);
  }

  take(path: string, key: string): unknown {
    const name = `${path}\n${key}`;
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }
}
