/** Tables as kysely sees them. */
export interface Schema {}
