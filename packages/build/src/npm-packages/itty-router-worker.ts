import { AutoRouter, error, withParams } from 'itty-router';

const router = AutoRouter({ before: [withParams] });

router
  .get('/hello/:name?', ({ name }) => `hello ${name ?? 'nobody'}`)
  .get('/json', () => ({ a: [1, 2] }))
  .post('/echo', async (request) => request.json())
  .get('/refused', () => error(403, 'not you'))
  .get('/broken', () => {
    throw new Error('broken');
  });

export default { ...router };
