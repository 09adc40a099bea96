import { AppError } from '@openworkers/core/app-error';
import type { RequestHandler } from '../http/exchange-context.ts';
import type { FetchDispatcher, HttpExchange } from '../http/http-exchange.ts';
import type { RequestLine } from '../http/request-line.ts';
import type { BootMessage, RouteAnswer, WorkerRoute } from '../protocol/messages.ts';
import { chooseVersion } from './choose-version.ts';
import { isLoopbackHost } from './host-name.ts';
import { answerPlatform } from './platform-pages.ts';
import type { RouteCache } from './route-cache.ts';

export interface RequestRouterOptions {
  readonly boot: BootMessage;
  readonly routes: RouteCache;
  /** Runs workers in this process. */
  readonly here: FetchDispatcher;
  /** Has the runner run them in another sandbox. */
  readonly elsewhere: FetchDispatcher;
}

/** Decides by its host who answers a request. */
export class RequestRouter implements RequestHandler {
  readonly #options: RequestRouterOptions;

  constructor(options: RequestRouterOptions) {
    this.#options = options;
  }

  handle(exchange: HttpExchange, line: RequestLine): void {
    if (this.#isPlatform(line.host)) return answerPlatform(exchange, line, this.#options.boot);
    const route = this.#options.routes.get(line.host);
    if (route !== undefined) return this.#follow(route, { exchange, line });
    this.#options.routes.ask(line.host).then(
      (answer) => this.#follow(answer, { exchange, line }),
      (error: unknown) => answerRefusal(exchange, error),
    );
  }

  #isPlatform(host: string): boolean {
    const { platformHost, baseDomain } = this.#options.boot;
    return host === platformHost || (baseDomain === 'localhost' && isLoopbackHost(host));
  }

  #follow(
    route: RouteAnswer,
    { exchange, line }: { exchange: HttpExchange; line: RequestLine },
  ): void {
    switch (route.kind) {
      case 'platform':
        return answerPlatform(exchange, line, this.#options.boot);
      case 'none':
        return exchange.answerError(route.code, { message: route.message });
      default:
        return this.#runWorker(route, { exchange, line });
    }
  }

  #runWorker(
    route: WorkerRoute,
    { exchange, line }: { exchange: HttpExchange; line: RequestLine },
  ): void {
    const version = chooseVersion(route, line.clientAddress);
    if (version === undefined) return exchange.answerError('worker_not_deployed');
    const dispatcher = route.placement === 'here' ? this.#options.here : this.#options.elsewhere;
    exchange.run(dispatcher, {
      key: {
        workerId: route.workerId,
        version,
        environmentId: route.environmentId,
        environmentRevision: route.environmentRevision,
      },
      maxBodyBytes: route.limits.requestBodyBytes,
    });
  }
}

/** The runner could not say where a host leads. */
function answerRefusal(exchange: HttpExchange, error: unknown): void {
  if (!(error instanceof AppError)) return exchange.answerError('internal');
  const isSystem = error.status >= 500;
  exchange.answerError(error.code, {
    // Why a part of the platform failed is for its operator, not for a visitor.
    message: isSystem ? undefined : error.message,
    retryAfterSeconds: error.retryAfterSeconds ?? (error.status === 503 ? 5 : undefined),
  });
}
