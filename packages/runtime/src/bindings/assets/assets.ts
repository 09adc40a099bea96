/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { HeaderList } from '../../fetch/header-list.ts';
import { Request, requestStateOf } from '../../fetch/request.ts';
import { Response, ResponseState } from '../../fetch/response.ts';
import { StringPrototypeStartsWith } from '../../primordials.ts';
import { requireArguments } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { callBinding } from '../binding-call.ts';
import { andThen, attempt } from '../promises.ts';

/** What the trusted side answers. */
interface AssetHead {
  readonly status: number;
  /** Flat. */
  readonly headers: string;
}

/** Files of a storage, read-only, over HTTP. */
class Assets {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  /** Of the URL only the path counts; a path alone will do. Methods other than GET and HEAD are 405. */
  fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'fetch()');
      const isPath = typeof input === 'string' && StringPrototypeStartsWith(input, '/');
      const target = isPath ? `http://assets.local${input}` : input;
      const { parts, headers } = requestStateOf(new Request(target, init));
      const { method, url } = parts;
      const question = {
        __proto__: null,
        binding: this.#binding,
        method,
        url,
        headers: headers.toFlat(),
      };
      return andThen(callBinding({ kind: 'assets', question }), ({ head, body }) => {
        // The trusted side writes it.
        const answer = head as AssetHead;
        const state = new ResponseState(new HeaderList(answer.headers, false));
        state.status = answer.status;
        state.body = body ?? null;
        return new Response(state);
      });
    });
  }

  static {
    defineInterface(this, 'Assets');
  }
}

export function createAssets(binding: string): Assets {
  return new Assets(binding);
}
