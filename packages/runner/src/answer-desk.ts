import { AppError, assertNever, type Logger } from '@openworkers/core';
import type { EnvironmentValue, Route } from '@openworkers/db';
import type {
  Refusal,
  RouteAnswer,
  VersionAnswer,
  VersionKey,
  WorkerRoute,
} from '@openworkers/sandbox';
import type { EnvironmentStore } from './environment-store.ts';
import type { Grants } from './grants.ts';
import type { HandleRegistry } from './handle-registry.ts';
import type { RouteResolver } from './route-resolver.ts';
import type { VersionStore } from './version-store.ts';

export interface AnswerDeskOptions {
  readonly routes: RouteResolver;
  readonly versions: VersionStore;
  readonly environments: EnvironmentStore;
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
    host: string,
    { grants }: SandboxRights,
  ): Promise<{ answer: RouteAnswer; isUncertain: boolean }> {
    const { answer, isUncertain } = await this.#options.routes.resolve(host);
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
   * `worker_not_deployed`, `database_unavailable`
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
    const handle = handles.issue({ tenantId, workerId, workerName, version: key.version });
    const env = (environment?.values ?? []).flatMap(toDescriptor);
    return { answer: { handle, key, workerName, env, limits }, code: version.code };
  }

  /** What a sandbox is told when its question failed; faults of ours are logged, never told. */
  refusal(error: unknown): Refusal {
    if (error instanceof AppError) {
      const { code, message, retryAfterSeconds } = error;
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

/** Secrets and worker bindings have no place in an isolate yet: the key is simply not there. */
function toDescriptor(value: EnvironmentValue): VersionAnswer['env'] {
  return value.type === 'var' ? [{ key: value.key, kind: 'text', value: value.value }] : [];
}
