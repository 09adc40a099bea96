import type { Queries } from '../database.ts';

export interface User {
  id: string;
  /** Compared case-insensitively; an e-mail address or a free name. */
  username: string;
  role: 'user' | 'admin';
  /** The user's personal tenant. */
  tenantId: string;
  createdAt: Date;
}

export declare function findUserByUsername(
  queries: Queries,
  username: string,
): Promise<User | undefined>;

/**
 * Creates a user together with the personal tenant.
 *
 * @throws AppError `name_taken`
 */
export declare function createUser(
  queries: Queries,
  input: { username: string; role?: 'user' | 'admin' },
): Promise<User>;

/** The user `admin@localhost`, created when there is no such user yet. Safe to call concurrently. */
export declare function ensureAdmin(queries: Queries): Promise<{ user: User; isNew: boolean }>;
