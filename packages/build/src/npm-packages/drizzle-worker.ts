import { and, desc, eq, gt, relations, sql } from 'drizzle-orm';
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pg-proxy';

const authors = pgTable('authors', { id: serial().primaryKey(), name: text().notNull() });
const books = pgTable('books', {
  id: serial().primaryKey(),
  title: text().notNull(),
  pages: integer(),
  authorId: integer('author_id').references(() => authors.id),
});
const bookRelations = relations(books, ({ one }) => ({
  author: one(authors, { fields: [books.authorId], references: [authors.id] }),
}));

export default {
  async fetch(): Promise<Response> {
    const asked: unknown[] = [];
    const db = drizzle(
      async (query, params) => {
        asked.push({ query, params });
        return { rows: [[7, 'Notes', 300]] };
      },
      { schema: { authors, books, bookRelations } },
    );
    const rows = await db
      .select({ id: books.id, title: books.title, pages: books.pages })
      .from(books)
      .innerJoin(authors, eq(books.authorId, authors.id))
      .where(and(gt(books.pages, 100), eq(authors.name, "Ada's")))
      .orderBy(desc(books.id))
      .limit(3);
    await db
      .update(books)
      .set({ pages: sql`${books.pages} + 1` })
      .where(eq(books.id, 7));
    return Response.json({ rows, asked });
  },
};
