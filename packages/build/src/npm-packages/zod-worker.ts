import { z } from 'zod';

const Order = z.object({
  id: z.uuid(),
  email: z.email(),
  items: z
    .array(z.object({ sku: z.string().regex(/^[A-Z]{3}$/), count: z.int().positive() }))
    .min(1),
  placedAt: z.coerce.date(),
  kind: z.discriminatedUnion('type', [
    z.object({ type: z.literal('gift'), note: z.string().max(5) }),
    z.object({ type: z.literal('plain') }),
  ]),
  total: z
    .string()
    .transform(Number)
    .refine((total) => total > 0, 'must cost something'),
});

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/schema') return Response.json(z.toJSONSchema(z.object({ a: z.string() })));
    const parsed = await Order.safeParseAsync(await request.json());
    if (!parsed.success) return new Response(z.prettifyError(parsed.error), { status: 422 });
    return Response.json(parsed.data);
  },
};
