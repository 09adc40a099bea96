import { afterAll, beforeAll, describe, test } from 'vitest';
import { attackAlone, attackProcess, attackTogether, namesOf } from './attacks.ts';
import { BombRange } from './bomb-range.ts';
import { bombsNamed } from './catalogue.ts';

/*
 * One bomb of each kind against a whole platform. All of them: `npm run test:soak`.
 */

let range: BombRange;

beforeAll(async () => {
  range = await BombRange.open();
});
afterAll(async () => {
  console.log(range.report());
  await range.close();
});

const alone = bombsNamed([
  'a loop',
  'endless microtasks of promises',
  'a catastrophic regular expression',
  'endless recursion',
  'JSON.stringify of 200 000 elements in a loop',
  'growing arrays',
  'typed arrays',
  'many WebAssembly memories',
  'a thrown value with an endless message',
  'a million timers',
  'a flood of log lines',
  'a response body of 500 MB',
]);

const groups = [
  bombsNamed([
    'a loop in a timer',
    'endless awaits',
    'giant joins',
    'JSON.parse of 200 000 elements in a loop',
    'a loop in WebAssembly',
    'a loop in the continuation of WebAssembly.compile',
    'an endless Error.prepareStackTrace on a thrown error',
    'a flood of random bytes',
  ]),
  bombsNamed([
    'growing arrays',
    'growing objects',
    'many flat strings',
    'the spread of a giant string',
    'typed arrays',
    'resizable buffers',
    'WebAssembly memories that grow from inside',
    'promises that nobody awaits',
  ]),
];

describe('a bomb alone ends with its reason, and neither process nor a busy neighbour notice', () => {
  test.each(alone.map((bomb) => [bomb.name, bomb] as const))('%s', async (_name, bomb) => {
    await attackAlone(range, { bomb, connections: 32 });
  });
});

describe('eight bombs at once do no more than one alone', () => {
  test.each(groups.map((group) => [namesOf(group), group] as const))(
    '%s',
    async (_names, group) => {
      await attackTogether(range, group);
    },
  );
});

test('a script that cannot be stopped costs its process, and nobody else anything', async () => {
  for (const bomb of bombsNamed(['a search through 2^53 missing elements'])) {
    await attackProcess(range, bomb);
  }
});
