import { beforeAll, expect, test } from 'vitest';
import { TestIsolate } from '../testing/isolate-driver.ts';
import { behaviourWorker } from '../testing/rewriter-behaviour.ts';
import { runInWorkerd } from '../testing/run-in-workerd.ts';

/*
 * `HTMLRewriter` here and in workerd, side by side. Messages differ in their wording; whatever else
 * differs is listed, with the side that we believe is right.
 */

interface Result {
  readonly name: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly seen: readonly string[];
}

/** What we have instead, and why. */
const differences: Readonly<Record<string, Partial<Result>>> = {
  // The end tag of another element is not this element's to remove or rename: the document would
  // lose its balance.
  'removed and closed by the way': { output: '<div></div>b' },
  'removed and closed by the way, with content': { output: '<div>Q</div>b' },
  'unwrapped and closed by the way': { output: '<div>a</div>b' },
  'renamed and closed by the way': { output: '<div><x>a</div>b' },
  // The old length is wrong: a client would wait for bytes that do not come, or miss some.
  'head of the response': {
    seen: ['201 Hm [["content-type","text/html; charset=iso-8859-1"],["etag","x"]]'],
  },
  // The text of one piece is one chunk; workerd cuts it wherever an end tag might have been.
  script: {
    seen: ['if (a<b) "</p>" <!-- <script> </script> --> false', ' true', 'p'],
  },
  // `mi` and `annotation-xml` are MathML elements, only their content is HTML.
  math: {
    seen: [
      'math http://www.w3.org/1998/Math/MathML',
      'mi http://www.w3.org/1998/Math/MathML',
      'p http://www.w3.org/1999/xhtml',
      'mglyph http://www.w3.org/1998/Math/MathML',
      'annotation-xml http://www.w3.org/1998/Math/MathML',
      'p http://www.w3.org/1999/xhtml',
    ],
  },
  // Missing here: content from a stream.
  'stream content': {
    output: null,
    error: 'TypeError: HTMLRewriter: content from a stream is not supported; give a string',
  },
  // workerd gives up where it cannot tell what a browser would ignore.
  frameset: {
    output: '<frameset><frame></frameset><template><style><b></style></template>',
    error: null,
    seen: ['frameset', 'frame', 'template', 'style'],
  },
  'select style': {
    output: '<select><xmp><p></xmp></select><select><textarea><p></textarea></select>',
    error: null,
    seen: ['select', 'xmp', 'select', 'textarea'],
  },
};

let theirs: [Result[], [string, boolean][]];
let ours: [Result[], [string, boolean][]];

beforeAll(async () => {
  // The worker answers so.
  theirs = (await runInWorkerd(behaviourWorker, ['/', '/selectors'])) as typeof theirs;
  const isolate = await TestIsolate.start({ source: behaviourWorker });
  const results = await isolate.fetch();
  const selectors = await isolate.fetch({ url: 'http://worker.test/selectors' });
  ours = [results.json, selectors.json] as typeof ours;
  isolate.dispose();
}, 60_000);

/** Without the wording of errors. */
function withoutWording(result: Result | undefined): unknown {
  const cut = (text: string): string =>
    text.replace(/TypeError: (?!HTMLRewriter:).*$/s, 'TypeError');
  return {
    ...result,
    error: result?.error === null ? null : cut(result?.error ?? ''),
    seen: result?.seen.map(cut),
  };
}

test('every case gives what it gives in workerd, or what we have a reason for', () => {
  const [expected] = theirs;
  expect(expected.length).toBeGreaterThan(70);
  const ourNames = ours[0].map(({ name }) => name);
  expect(Object.keys(differences).filter((name) => !ourNames.includes(name))).toEqual([]);
  expect(ours[0].map(withoutWording)).toEqual(
    expected.map((result) => withoutWording({ ...result, ...differences[result.name] })),
  );
});

test('a listed difference is one', () => {
  const same = theirs[0].filter((result, index) => {
    const isListed = differences[result.name] !== undefined;
    return isListed && JSON.stringify(result) === JSON.stringify(ours[0][index]);
  });
  expect(same).toEqual([]);
});

test('the same selectors can be used', () => {
  expect(ours[1]).toEqual(theirs[1]);
});
