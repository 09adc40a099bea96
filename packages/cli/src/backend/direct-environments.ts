import { AppError } from '@openworkers/core';
import {
  bindResource,
  createEnvironment,
  deleteEnvironment,
  findDatabase,
  findEnvironment,
  findKvNamespace,
  findStorage,
  findWorker,
  listEnvironments,
  listLinkedWorkers,
  listValues,
  setSecret,
  setVariable,
  unsetValue,
  type Actor,
  type Environment,
  type ListedValue,
  type Queries,
  type Sealer,
} from '@openworkers/db';
import type {
  EnvironmentResource,
  EnvironmentsBackend,
  EnvironmentValueResource,
  NewBinding,
} from './environments-backend.ts';

export interface DirectEnvironmentsOptions {
  readonly queries: Queries;
  readonly actor: Actor;
  readonly sealer: Sealer;
}

const mask = '********';

/** Environments, straight from PostgreSQL. */
export class DirectEnvironments implements EnvironmentsBackend {
  readonly #queries: Queries;
  readonly #actor: Actor;
  readonly #sealer: Sealer;

  constructor({ queries, actor, sealer }: DirectEnvironmentsOptions) {
    this.#queries = queries;
    this.#actor = actor;
    this.#sealer = sealer;
  }

  async list(): Promise<EnvironmentResource[]> {
    const environments = await listEnvironments(this.#queries, this.#actor.tenantId);
    return Promise.all(environments.map((each) => this.#toResource(each)));
  }

  async find(idOrName: string): Promise<EnvironmentResource | undefined> {
    const { tenantId } = this.#actor;
    const found = await findEnvironment(this.#queries, { tenantId, idOrName });
    return found && this.#toResource(found);
  }

  async create(input: { name: string; description?: string }): Promise<EnvironmentResource> {
    const { name, description } = input;
    const desc = description === undefined ? {} : { desc: description };
    const created = await createEnvironment(this.#queries, { ...this.#actor, name, ...desc });
    return this.#toResource(created);
  }

  delete({ id }: EnvironmentResource): Promise<boolean> {
    return deleteEnvironment(this.#queries, { ...this.#actor, environmentId: id });
  }

  setVariable({ id }: EnvironmentResource, key: string, value: string): Promise<void> {
    return setVariable(this.#queries, { ...this.#actor, environmentId: id, key, value });
  }

  setSecret({ id }: EnvironmentResource, key: string, value: string): Promise<void> {
    const sealer = this.#sealer;
    return setSecret(this.#queries, { ...this.#actor, environmentId: id, key, value, sealer });
  }

  unset({ id }: EnvironmentResource, key: string): Promise<boolean> {
    return unsetValue(this.#queries, { ...this.#actor, environmentId: id, key });
  }

  async bind({ id }: EnvironmentResource, binding: NewBinding): Promise<void> {
    const { key, type, shape } = binding;
    const targetId = await this.#findTarget(binding);
    const place = { ...this.#actor, environmentId: id, key };
    await bindResource(this.#queries, { ...place, type, shape, targetId });
  }

  async #findTarget({ type, resource }: NewBinding): Promise<string> {
    const key = { tenantId: this.#actor.tenantId, idOrName: resource };
    const found = await targetFinders[type](this.#queries, key);
    if (found !== undefined) return found.id;
    throw new AppError('resource_not_found', `there is no ${type} "${resource}"`);
  }

  async #toResource(environment: Environment): Promise<EnvironmentResource> {
    const { id, name, desc = null, tenantId, createdAt, updatedAt } = environment;
    const owner = { tenantId, environmentId: id };
    const values = await listValues(this.#queries, owner);
    return {
      id,
      name,
      desc,
      values: values.map(toValueResource),
      workers: await listLinkedWorkers(this.#queries, owner),
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    };
  }
}

type FindTarget = (
  queries: Queries,
  key: { tenantId: string; idOrName: string },
) => Promise<{ id: string } | undefined>;

const targetFinders: Readonly<Record<NewBinding['type'], FindTarget>> = {
  kv: findKvNamespace,
  worker: findWorker,
  storage: findStorage,
  assets: findStorage,
  database: findDatabase,
};

function toValueResource(value: ListedValue): EnvironmentValueResource {
  const { id, key, type, shape, target } = value;
  if (target !== undefined) return { id, key, type, value: target.id, shape, target };
  return { id, key, type, value: type === 'secret' ? mask : (value.value ?? '') };
}
