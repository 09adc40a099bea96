import { z } from 'zod';

/** What the isolate's side of a SQL database asks. */
export const databaseQuestion = z.strictObject({
  binding: z.string(),
  isScript: z.boolean(),
  /** JSON; null when it follows as bytes. */
  statements: z.string().nullable(),
});

export const sqlStatements = z
  .array(z.strictObject({ sql: z.string(), params: z.array(z.string().nullable()).max(65_535) }))
  .min(1)
  .max(100);
