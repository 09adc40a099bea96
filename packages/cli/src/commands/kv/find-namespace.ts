import type { Backend } from '../../backend/backend.ts';
import type { KvNamespaceResource } from '../../backend/kv-backend.ts';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';

/** @throws CliError `resource_not_found` with the command that creates namespaces */
export async function requireNamespace(
  context: CliContext,
  backend: Backend,
  name: string,
): Promise<KvNamespaceResource> {
  const namespace = await backend.kv.find(name);
  if (namespace !== undefined) return namespace;
  throw new CliError(`there is no key-value namespace "${name}"`, {
    code: 'resource_not_found',
    next: context.commandLine(`kv create ${name}`),
  });
}
