import { platformLimits } from '@openworkers/core/limits';
import { messageOf } from '@openworkers/core/app-error';
import type {
  ChannelFarEnd,
  ChannelOpener,
  ChannelPort,
  ChannelRequest,
} from '../../engine/channels/channel-opener.ts';
import type { InvocationLog } from '../../http/exchange-context.ts';
import type { FetchDispatcher } from '../../http/http-exchange.ts';
import { readRequestHead } from '../../http/request-head.ts';
import type { ResponseHeaderFilter } from '../../http/response-headers.ts';
import type { BootMessage, RouteAnswer, WorkerRoute } from '../../protocol/messages.ts';
import { chooseVersion } from '../../routing/choose-version.ts';
import { isLoopbackHost } from '../../routing/host-name.ts';
import type { RouteCache } from '../../routing/route-cache.ts';
import { bindingRouteKey } from '../../routing/route-key.ts';
import { unreachable } from '../unreachable.ts';
import { DecodedFetch } from './decoded-fetch.ts';
import { readFetchQuestion, type FetchQuestion } from './fetch-messages.ts';
import { InnerFetch } from './inner-fetch.ts';

export interface FetchOpenerOptions {
  readonly boot: Pick<BootMessage, 'baseDomain' | 'platformHost'>;
  readonly routes: RouteCache;
  /** Runs workers in this process. */
  readonly here: FetchDispatcher;
  /** Has the runner run them in another sandbox. */
  readonly elsewhere: FetchDispatcher;
  /** Leads to the network. */
  readonly outside: ChannelOpener;
  readonly records: InvocationLog;
  readonly responseHeaders: ResponseHeaderFilter;
}

/** What of a request can be a request to a worker; see `readForwardQuestion`. */
const innerMethod = /^[A-Za-z-]{1,32}$/;

/** Leads requests of workers to other workers, or to the network. */
export class FetchOpener implements ChannelOpener {
  readonly #options: FetchOpenerOptions;

  constructor(options: FetchOpenerOptions) {
    this.#options = options;
  }

  open(request: ChannelRequest, port: ChannelPort): FarEnd {
    let question: FetchQuestion;
    try {
      question = readFetchQuestion(request.argument);
    } catch (error) {
      return unreachable(port, messageOf(error));
    }
    const decoded = new DecodedFetch(port, { runJob: request.runJob, method: question.method });
    const far = this.#lead({ request, question, port: decoded.port });
    return far instanceof Promise ? far.then((end) => decoded.connect(end)) : decoded.connect(far);
  }

  #lead(asked: Asked): FarEnd {
    const { boot } = this.#options;
    const { binding } = asked.question;
    if (binding !== undefined) {
      return this.#ask(bindingRouteKey(asked.request.handle, binding), { ...asked, isOurs: true });
    }
    const url = new URL(asked.question.url);
    const host = url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname;
    // A loopback address is the platform only on its port, which the runner knows.
    if (host === boot.platformHost && !isLoopbackHost(host)) {
      return this.#answer(asked, (inner) => inner.answerError('not_found'));
    }
    const isOurs = host.endsWith(`.${boot.baseDomain}`);
    // A custom domain is the platform's on the usual ports only, and an address never is one.
    const isName = /[a-z-][a-z0-9-]*$/.test(host) && host.includes('.');
    if (!isOurs && (url.port !== '' || !isName)) return this.#outside(asked);
    return this.#ask(host, { ...asked, isOurs });
  }

  #ask(key: string, asked: Asked & { isOurs: boolean }): FarEnd {
    const { routes } = this.#options;
    const known = routes.get(key);
    if (known !== undefined) return this.#follow(known, asked);
    return routes.ask(key).then(
      (route) => this.#follow(route, asked),
      () => (asked.isOurs ? this.#answer(asked, noRoute) : this.#outside(asked)),
    );
  }

  #follow(route: RouteAnswer, asked: Asked & { isOurs: boolean }): FarEnd {
    if (route.kind === 'worker') return this.#run(route, asked);
    if (!asked.isOurs && route.kind === 'none' && route.code === 'host_not_found') {
      return this.#outside(asked);
    }
    const code = route.kind === 'none' ? route.code : 'not_found';
    return this.#answer(asked, (inner) => inner.answerError(code));
  }

  #run(route: WorkerRoute, asked: Asked): ChannelFarEnd {
    const { request, question } = asked;
    const version = chooseVersion(route, request.requestId);
    const { here, elsewhere } = this.#options;
    const depth = request.depth + 1;
    return this.#answer(asked, (inner) => {
      if (depth > platformLimits.callDepth.tenant) return inner.answerError('call_depth');
      if (version === undefined) return inner.answerError('worker_not_deployed');
      if (!innerMethod.test(question.method)) return inner.answerError('bad_request');
      const dispatcher = route.placement === 'here' ? here : elsewhere;
      const { workerId, environmentId, environmentRevision, limits } = route;
      const running = dispatcher.dispatchFetch(
        { workerId, version, environmentId, environmentRevision },
        {
          requestId: request.requestId,
          method: question.method,
          url: question.url,
          headers: innerHeaders(question, request.requestId),
          body: inner.body,
          depth,
        },
        inner,
      );
      inner.start(running, limits.requestBodyBytes);
    });
  }

  /** Later, because the port may not be used before it has a far end. */
  #answer({ request, question, port }: Asked, run: (inner: InnerFetch) => void): ChannelFarEnd {
    const { records, responseHeaders } = this.#options;
    const { requestId } = request;
    const inner = new InnerFetch({ question, requestId, port, records, responseHeaders });
    setImmediate(() => {
      if (!inner.isOver) run(inner);
    });
    return inner.farEnd;
  }

  #outside({ request, port }: Asked): FarEnd {
    return this.#options.outside.open(request, port);
  }
}

type FarEnd = ChannelFarEnd | Promise<ChannelFarEnd>;

interface Asked {
  readonly request: ChannelRequest;
  readonly question: FetchQuestion;
  readonly port: ChannelPort;
}

function noRoute(inner: InnerFetch): void {
  inner.answerError('database_unavailable');
}

/** What a worker says of itself is no more believed than what a client says. */
function innerHeaders({ headers, url }: FetchQuestion, requestId: string): string {
  const { flat } = readRequestHead(headers === '' ? [] : headers.split('\n'));
  const { host, protocol } = new URL(url);
  const own = `host\n${host}\nx-request-id\n${requestId}\nx-forwarded-proto\n${protocol.slice(0, -1)}`;
  return flat === '' ? own : `${flat}\n${own}`;
}
