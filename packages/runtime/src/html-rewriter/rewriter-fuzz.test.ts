import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DocumentEncoding } from './document-encoding.ts';
import { Rewriter } from './rewriter.ts';
import { Rules } from './rules.ts';

/* fast-check prints the seed of a failing run. */
const runs = { numRuns: 10_000 };

const fragment = fc.constantFrom(
  '<div>',
  '</div>',
  '<p class="a b">',
  '</p>',
  '<br>',
  '<img src=x/>',
  '<svg>',
  '</svg>',
  '<g/>',
  '<desc>',
  '</desc>',
  '<![CDATA[',
  ']]>',
  ']',
  '<script>',
  '</script>',
  '</script x>',
  '<!--',
  '-->',
  '--!>',
  '->',
  '-',
  '!',
  '>',
  '<',
  '/',
  '</',
  '"',
  "'",
  '=',
  '<title>',
  '</title>',
  '</TITLE >',
  '<style>',
  '</style',
  '<!doctype html>',
  '<!',
  '<?',
  '</>',
  '< ',
  'text',
  ' ',
  '\n',
  '&amp;',
  'é',
  '😀',
  '\0',
  '<a b="',
  "<a b='",
  '<a b=c ',
  '<textarea>',
  '</textarea>',
  '<math>',
  '<mi>',
  '</math>',
  '<script><!--<script>',
  '<x',
);
const documents = fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join(''));

interface Outcome {
  readonly output: string;
  readonly seen: readonly string[];
}

/** Rewrites the document in pieces that end at these places, with handlers that change nothing. */
function rewrite(text: string, cuts: readonly number[]): Outcome {
  const seen: string[] = [];
  let node = '';
  const rules = new Rules();
  rules.addElement('*', {
    element: (element: { tagName: string; namespaceURI: string; attributes: Iterable<unknown> }) =>
      void seen.push(
        `<${element.tagName} ${element.namespaceURI} ${JSON.stringify([...element.attributes])}`,
      ),
  });
  rules.addElement('div > p.a', { element: () => void seen.push('div > p.a') });
  rules.addDocument({
    comments: (comment: { text: string }) => void seen.push(`!${comment.text}`),
    doctype: (doctype: { name: string }) => void seen.push(`doctype ${doctype.name}`),
    text: (chunk: { text: string; lastInTextNode: boolean }) => {
      node += chunk.text;
      if (!chunk.lastInTextNode) return;
      seen.push(`"${node}`);
      node = '';
    },
  });
  const bytes = new TextEncoder().encode(text);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const output: Uint8Array[] = [];
  let isOver = false;
  const take = (piece: Uint8Array | undefined): void => void (piece && output.push(piece));
  const rewriter = new Rewriter(rules, new DocumentEncoding(undefined), {
    needsMore: take,
    ended: (piece) => {
      isOver = true;
      take(piece);
    },
    failed: (error) => {
      throw error;
    },
  });
  let from = 0;
  for (const to of [...places, bytes.length]) {
    if (to > from) rewriter.write(bytes.slice(from, to));
    from = to;
  }
  rewriter.end();
  if (!isOver) throw new Error('it did not end');
  return { output: Buffer.concat(output).toString(), seen };
}

test('a document that nobody changes comes out as it went in', () => {
  fc.assert(
    fc.property(documents, (text) => {
      expect(rewrite(text, []).output).toBe(text);
    }),
    runs,
  );
});

test('where a document is cut makes no difference', () => {
  fc.assert(
    fc.property(documents, fc.array(fc.nat(), { maxLength: 8 }), (text, cuts) => {
      expect(rewrite(text, cuts)).toEqual(rewrite(text, []));
    }),
    runs,
  );
});
