/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { fetchThrough } from '../../fetch/fetch.ts';
import type { Response } from '../../fetch/response.ts';
import { requireArguments } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { attempt } from '../promises.ts';

/** Another worker of the same tenant, reached inside the platform. */
export class Fetcher {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  /**
   * Like the global `fetch`, answered by the bound worker whatever the URL's host is: that host is
   * what the other worker sees.
   */
  fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'Fetcher.fetch');
      return fetchThrough(this.#binding, input, init);
    });
  }

  static {
    defineInterface(this, 'Fetcher');
  }
}

export function createFetcher(binding: string): Fetcher {
  return new Fetcher(binding);
}
