import { customAlphabet, nanoid } from 'nanoid';

const digits = customAlphabet('0123456789', 6);

export default {
  fetch(): Response {
    const ids = Array.from({ length: 1000 }, () => nanoid());
    return Response.json({ id: ids[0], distinct: new Set(ids).size, digits: digits() });
  },
};
