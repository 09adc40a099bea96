import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventTable } from './event-table.ts';

test('it holds what a map holds, however many events live long', () => {
  const steps = fc.array(fc.record({ isAdd: fc.boolean(), pick: fc.nat(), skip: fc.nat(300) }), {
    maxLength: 2000,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const table = new EventTable<{ id: number }>();
      const model = new Map<number, { id: number }>();
      let lastId = 0;
      for (const { isAdd, pick, skip } of all) {
        const ids = [...model.keys()];
        const id = ids[pick % Math.max(1, ids.length)];
        if (isAdd || id === undefined) {
          lastId += 1 + skip;
          const event = { id: lastId };
          table.add(event);
          model.set(lastId, event);
        } else {
          table.delete(id);
          table.delete(id);
          model.delete(id);
          expect(table.get(id)).toBeUndefined();
        }
        expect(table.size).toBe(model.size);
      }
      for (const [id, event] of model) expect(table.get(id)).toBe(event);
      expect(new Set(table.toArray())).toEqual(new Set(model.values()));
    }),
    { numRuns: 50 },
  );
});
