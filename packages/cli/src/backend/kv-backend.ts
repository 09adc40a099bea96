/** What commands ask about key-value namespaces, in the shapes of the REST API. */
export interface KvBackend {
  /** By name. */
  list(): Promise<KvNamespaceResource[]>;
  find(nameOrId: string): Promise<KvNamespaceResource | undefined>;
  /** @throws AppError `invalid_name`, `name_taken` */
  create(input: { name: string; description?: string }): Promise<KvNamespaceResource>;
  /** @throws AppError `resource_in_use` when an environment binds it */
  delete(namespace: KvNamespaceResource): Promise<boolean>;
  getKey(namespace: KvNamespaceResource, key: string): Promise<Uint8Array | undefined>;
  /** @throws AppError `invalid_input` */
  putKey(namespace: KvNamespaceResource, entry: NewKvEntry): Promise<void>;
  /** Whether there was such a key. */
  deleteKey(namespace: KvNamespaceResource, key: string): Promise<boolean>;
  /** One page, in the order of the keys' bytes. */
  listKeys(namespace: KvNamespaceResource, query: KvKeyQuery): Promise<KvKeyResource[]>;
}

export interface KvNamespaceResource {
  readonly id: string;
  readonly name: string;
  readonly desc: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface NewKvEntry {
  readonly key: string;
  /** A text, or bytes of a file. */
  readonly value: string | Uint8Array;
  readonly expiresInSeconds: number | undefined;
}

export interface KvKeyQuery {
  readonly prefix: string;
  /** Only keys behind this one. */
  readonly after: string | undefined;
  readonly limit: number;
}

export interface KvKeyResource {
  readonly key: string;
  /** ISO 8601. */
  readonly expiresAt: string | null;
}
