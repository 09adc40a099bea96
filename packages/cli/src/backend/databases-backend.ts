/** What commands ask about SQL databases, in the shapes of the REST API. */
export interface DatabasesBackend {
  /** By name. */
  list(): Promise<DatabaseResource[]>;
  find(nameOrId: string): Promise<DatabaseResource | undefined>;
  /** @throws AppError `invalid_name`, `name_taken`, `invalid_input`, `invalid_config` */
  create(input: NewDatabase): Promise<DatabaseResource>;
  /** With everything in it. @throws AppError `resource_in_use` when an environment binds it */
  delete(database: DatabaseResource): Promise<boolean>;
}

export interface NewDatabase {
  readonly name: string;
  readonly description?: string;
  /** Of a server of one's own; left out, the platform's server gets a database. */
  readonly connectionString?: string;
  readonly maxRows?: number;
  readonly timeoutSeconds?: number;
}

/** Neither login nor connection string is ever shown. */
export interface DatabaseResource {
  readonly id: string;
  readonly name: string;
  readonly desc: string | null;
  readonly provider: 'platform' | 'postgres';
  readonly maxRows: number;
  readonly timeoutSeconds: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}
