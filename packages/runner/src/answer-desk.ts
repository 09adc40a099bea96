import { AppError, assertNever, type Logger } from '@openworkers/core';
import type { Route, Sealer } from '@openworkers/db';
import type {
  Refusal,
  RouteAnswer,
  RouteQuestion,
  VersionAnswer,
  VersionKey,
  WorkerRoute,
} from '@openworkers/sandbox';
import { emptyEnv, openInstanceEnv } from './bindings/instance-env.ts';
import type { EnvironmentStore } from './environment-store.ts';
import type { Grants } from './grants.ts';
import type { HandleRegistry } from './handle-registry.ts';
import { Redactor } from './redactor.ts';
import type { ResolvedRoute, RouteResolver } from './route-resolver.ts';
import type { VersionStore } from './version-store.ts';

const noSuchBinding: ResolvedRoute = {
  answer: { kind: 'none', code: 'not_found', workerId: undefined },
  isUncertain: false,
};

export interface AnswerDeskOptions {
  readonly routes: RouteResolver;
  readonly versions: VersionStore;
  readonly environments: EnvironmentStore;
  readonly sealer: Sealer;
  /** Whether the worker must run apart from the sandbox that serves everybody. */
  readonly isApart: (route: Pick<Route, 'workerId' | 'isSystem'>) => boolean;
  readonly log: Logger;
}

/** What one sandbox was told and given so far. */
export interface SandboxRights {
  readonly grants: Grants;
  readonly handles: HandleRegistry;
}

export interface VersionWithCode {
  readonly answer: VersionAnswer;
  readonly code: Uint8Array;
}

/** Answers the questions of sandboxes, and remembers for each what it was told. */
export class AnswerDesk {
  readonly #options: AnswerDeskOptions;

  constructor(options: AnswerDeskOptions) {
    this.#options = options;
  }

  /** @throws AppError `database_unavailable`, `overloaded` */
  async route(
    question: RouteQuestion,
    { grants, handles }: SandboxRights,
  ): Promise<{ answer: RouteAnswer; isUncertain: boolean }> {
    const { answer, isUncertain } = await this.#resolve(question, handles);
    switch (answer.kind) {
      case 'platform':
        return { answer: { kind: 'platform' }, isUncertain };
      case 'none':
        return { answer: { kind: 'none', code: answer.code }, isUncertain };
      case 'worker':
        grants.addRoute(answer.route);
        return { answer: this.#workerRoute(answer.route), isUncertain };
      default:
        return assertNever(answer);
    }
  }

  /**
   * Code and values of a version, with a fresh handle.
   *
   * @throws AppError `forbidden` when no answer to this sandbox named that version,
   * `worker_not_deployed`, `database_unavailable`, `secret_unreadable`
   */
  async version(key: VersionKey, { grants, handles }: SandboxRights): Promise<VersionWithCode> {
    const grant = grants.find(key);
    if (grant === undefined) throw new AppError('forbidden', 'this version was not offered');
    const [version, environment] = await Promise.all([
      this.#options.versions.load(key),
      key.environmentId === undefined
        ? undefined
        : this.#options.environments.load({
            environmentId: key.environmentId,
            revision: key.environmentRevision,
          }),
    ]);
    const { tenantId, workerId, workerName, limits } = grant;
    const { descriptors, bindings, secrets } =
      environment === undefined
        ? emptyEnv
        : await openInstanceEnv(environment.values, this.#options.sealer);
    const redactor = new Redactor(secrets);
    const worker = { tenantId, workerId, workerName, version: key.version };
    const handle = handles.issue({ ...worker, bindings, redactor });
    return { answer: { handle, key, workerName, env: descriptors, limits }, code: version.code };
  }

  async #resolve(question: RouteQuestion, handles: HandleRegistry): Promise<ResolvedRoute> {
    const { routes } = this.#options;
    if ('host' in question) return routes.resolve(question.host);
    const instance = handles.find(question.handle);
    const bound = instance?.bindings.get(question.binding);
    if (bound?.type !== 'worker') return noSuchBinding;
    const resolved = await routes.resolveWorker(bound.targetId);
    const { answer } = resolved;
    // The foreign key sees to that already.
    const isForeign = answer.kind === 'worker' && answer.route.tenantId !== instance?.tenantId;
    return isForeign ? noSuchBinding : resolved;
  }

  /** What a sandbox is told when its question failed; faults of ours are logged, never told. */
  refusal(error: unknown): Refusal {
    if (error instanceof AppError) {
      const { code, message, retryAfterSeconds } = error;
      // Nobody but the operator can mend that.
      if (code === 'secret_unreadable') this.#options.log.error({ err: error }, message);
      return { code, message, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
    }
    this.#options.log.error({ err: error }, 'a question of a sandbox failed');
    return { code: 'internal', message: 'Internal error.' };
  }

  #workerRoute(route: Route): WorkerRoute {
    const isApart = this.#options.isApart(route);
    // The question for the code follows within a millisecond; by then it is half answered.
    if (!isApart) {
      for (const { version } of route.serving) {
        this.#options.versions.prefetch({ workerId: route.workerId, version });
      }
    }
    return {
      kind: 'worker',
      workerId: route.workerId,
      workerName: route.workerName ?? route.workerId,
      tenantId: route.tenantId,
      environmentId: route.environmentId,
      environmentRevision: route.environmentRevision,
      serving: route.serving,
      limits: route.limits,
      placement: isApart ? 'elsewhere' : 'here',
    };
  }
}
