/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { Body } from '../fetch/body.ts';
import { Response, responseStateOf, ResponseState } from '../fetch/response.ts';
import { TypeError } from '../primordials.ts';
import { requireArguments, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { DocumentEncoding } from './document-encoding.ts';
import { rewriteStream } from './rewrite-stream.ts';
import { Rules } from './rules.ts';

/** https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/ */
export class HTMLRewriter {
  readonly #rules = new Rules();

  on(selector: unknown, handlers: unknown): this {
    const rules = this.#rules;
    requireArguments(arguments.length, 2, 'HTMLRewriter.on');
    rules.addElement(toUsvString(selector), handlers);
    return this;
  }

  onDocument(handlers: unknown): this {
    const rules = this.#rules;
    requireArguments(arguments.length, 1, 'HTMLRewriter.onDocument');
    rules.addDocument(handlers);
    return this;
  }

  /** A response whose body is read, and handed to the handlers, as somebody reads it. */
  transform(response: unknown): Response {
    const rules = this.#rules;
    requireArguments(arguments.length, 1, 'HTMLRewriter.transform');
    const given = responseStateOf(response);
    const headers = given.headers.copy();
    const state = new ResponseState(headers);
    state.type = given.type;
    state.status = given.status;
    state.statusText = given.statusText;
    state.url = given.url;
    if (given.body !== null) {
      if (given.body.isUnusable) {
        throw new TypeError('The body of the response has already been used or is locked');
      }
      const encoding = new DocumentEncoding(headers.get('content-type'));
      state.body = new Body(undefined, rewriteStream(given.body.stream, { rules, encoding }));
      // Its length is not known any more.
      headers.delete('content-length');
    }
    return new Response(state);
  }

  static {
    defineInterface(this, 'HTMLRewriter');
  }
}
