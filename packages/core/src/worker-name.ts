import { AppError } from './app-error.ts';
import { platformLimits } from './limits.ts';

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Names that would shadow the platform's own hosts. */
export const reservedNames: ReadonlySet<string> = new Set([
  'api',
  'dash',
  'www',
  'admin',
  'mail',
  'localhost',
  'internal',
  'system',
  'status',
  'metrics',
  'auth',
  'login',
]);

/**
 * Checks the name of a worker or project: a lower-case DNS label of at most 52 characters, without
 * `--` (which separates version and name in preview hosts) and not shaped like a UUID.
 *
 * @throws AppError `invalid_name` or `name_reserved`
 */
export function assertWorkerName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined)
    throw new AppError('invalid_name', `the name "${clip(name)}" ${problem}`);
  if (reservedNames.has(name)) {
    throw new AppError('name_reserved', `the name "${name}" is reserved by the platform`);
  }
}

/** Whether the text has the form of an id; names never do, so one parameter can take both. */
export function isUuid(text: string): boolean {
  return uuidShape.test(text);
}

function nameProblem(name: string): string | undefined {
  const maxLength = platformLimits.nameLength.tenant;
  if (name.length > maxLength) return `is longer than ${maxLength} characters`;
  if (!label.test(name)) {
    return 'must consist of lower-case letters, digits and inner hyphens';
  }
  if (name.includes('--')) return 'must not contain two hyphens in a row';
  if (uuidShape.test(name)) return 'looks like an id';
  return undefined;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
