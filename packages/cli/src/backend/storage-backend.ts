/** What commands ask about object storages, in the shapes of the REST API. */
export interface StorageBackend {
  /** By name. */
  list(): Promise<StorageResource[]>;
  find(nameOrId: string): Promise<StorageResource | undefined>;
  /** @throws AppError `invalid_name`, `name_taken`, `invalid_input` */
  create(input: NewStorage): Promise<StorageResource>;
  /** @throws AppError `resource_in_use` when an environment binds it */
  delete(storage: StorageResource): Promise<boolean>;
}

export interface NewStorage {
  readonly name: string;
  readonly description?: string;
  /** A bucket of one's own; left out, objects are kept in the platform's store. */
  readonly s3?: {
    readonly bucket: string;
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly region?: string;
    readonly prefix?: string;
    readonly publicUrl?: string;
  };
}

/** Keys are masked. */
export interface StorageResource {
  readonly id: string;
  readonly name: string;
  readonly desc: string | null;
  readonly provider: 'platform' | 's3';
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly prefix?: string;
  readonly publicUrl?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}
