import type { BindingShape, BoundResource } from '@openworkers/db';

/** What commands ask about environments, in the shapes of the REST API. */
export interface EnvironmentsBackend {
  /** By name. */
  list(): Promise<EnvironmentResource[]>;
  find(nameOrId: string): Promise<EnvironmentResource | undefined>;
  /** @throws AppError `invalid_name`, `name_taken` */
  create(input: { name: string; description?: string }): Promise<EnvironmentResource>;
  /** Whether there was one. */
  delete(environment: EnvironmentResource): Promise<boolean>;
  /** @throws AppError `invalid_input` */
  setVariable(environment: EnvironmentResource, key: string, value: string): Promise<void>;
  /** @throws AppError `invalid_input`, `invalid_config` when there is no master key at hand */
  setSecret(environment: EnvironmentResource, key: string, value: string): Promise<void>;
  /** Whether there was such a key. */
  unset(environment: EnvironmentResource, key: string): Promise<boolean>;
  /** @throws AppError `invalid_input`, `resource_not_found` when there is nothing of that type and name */
  bind(environment: EnvironmentResource, binding: NewBinding): Promise<void>;
}

export interface NewBinding {
  readonly key: string;
  readonly type: BoundResource['type'];
  /** Name or id of what is bound. */
  readonly resource: string;
  readonly shape: BindingShape;
}

export interface EnvironmentResource {
  readonly id: string;
  readonly name: string;
  readonly desc: string | null;
  /** By key; secrets are masked, bindings have the id of what they are bound to. */
  readonly values: readonly EnvironmentValueResource[];
  readonly workers: readonly { readonly id: string; readonly name: string | null }[];
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface EnvironmentValueResource {
  readonly id: string;
  readonly key: string;
  readonly type: 'var' | 'secret' | BoundResource['type'];
  readonly value: string;
  readonly shape?: BindingShape;
  /** Of what is bound. */
  readonly target?: { readonly id: string; readonly name: string | null };
}
