/** How the text that PostgreSQL sends is to be read; what is not here is a text. */
type ColumnKind =
  'number' | 'bigint' | 'boolean' | 'bytes' | 'json' | 'timestamp' | 'timestamptz' | 'text';

/** Object ids of built-in types and of their arrays: fixed, see `pg_type.dat`. */
const kinds: readonly (readonly [ColumnKind, type: number, array: number])[] = [
  ['number', 21, 1005], // int2
  ['number', 23, 1007], // int4
  ['number', 26, 1028], // oid
  ['number', 700, 1021], // float4
  ['number', 701, 1022], // float8
  ['bigint', 20, 1016], // int8
  ['boolean', 16, 1000],
  ['bytes', 17, 1001],
  ['json', 114, 199],
  ['json', 3802, 3807], // jsonb
  ['timestamp', 1114, 1115],
  ['timestamptz', 1184, 1185],
  ['text', 25, 1009],
  ['text', 1043, 1015], // varchar
  ['text', 1042, 1014], // char
  ['text', 19, 1003], // name
  ['text', 1700, 1231], // numeric
  ['text', 2950, 2951], // uuid
  ['text', 1082, 1182], // date
  ['text', 1083, 1183], // time
  ['text', 1266, 1270], // timetz
  ['text', 1186, 1187], // interval
  ['text', 869, 1041], // inet
  ['text', 650, 651], // cidr
  ['text', 829, 1040], // macaddr
  ['text', 142, 143], // xml
  ['text', 1560, 1561], // bit
  ['text', 1562, 1563], // varbit
  ['text', 790, 791], // money
];

export interface ColumnType {
  readonly kind: ColumnKind;
  readonly isArray: boolean;
}

const byId = new Map<number, ColumnType>(
  kinds.flatMap(([kind, type, array]) => [
    [type, { kind, isArray: false }] as const,
    [array, { kind, isArray: true }] as const,
  ]),
);

const unknown: ColumnType = { kind: 'text', isArray: false };

export function columnType(id: number): ColumnType {
  return byId.get(id) ?? unknown;
}
