const mask = '[redacted]';

/** Shorter ones would hit ordinary words. */
const minLength = 8;

/** Replaces secrets in what a worker writes: as they are, in base64, and as in a URL. */
export class Redactor {
  readonly #forms: readonly string[];

  constructor(secrets: readonly string[]) {
    const forms = secrets.filter((secret) => secret.length >= minLength).flatMap(formsOf);
    // A longer one first: a shorter one may be a part of it.
    this.#forms = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    let redacted = text;
    for (const form of this.#forms) redacted = redacted.replaceAll(form, mask);
    return redacted;
  }
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [
    secret,
    // As a string in JSON, and on several lines of an object that was printed.
    JSON.stringify(secret).slice(1, -1),
    base64.replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
    // Lone surrogates cannot be encoded, and no secret has any: it was UTF-8.
    encodeURIComponent(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
  ];
}
