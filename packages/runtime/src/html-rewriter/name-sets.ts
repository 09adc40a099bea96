import { StringPrototypeSplit } from '../primordials.ts';
import { SafeSet } from '../safe-collections.ts';

function namesOf(text: string): SafeSet<string> {
  const names = new SafeSet<string>();
  const parts = StringPrototypeSplit(text, ' ');
  for (let i = 0; i < parts.length; i += 1) names.add(parts[i] ?? '');
  return names;
}

/** Elements of HTML without content and end tag. */
export const voidElements = namesOf(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr',
);
/** What only its own end tag ends; with the escapes of a text or without any. */
export const rawTextElements = namesOf('iframe noembed noframes noscript style textarea title xmp');
/** HTML within SVG and MathML: https://html.spec.whatwg.org/#html-integration-point */
export const svgIntegrationPoints = namesOf('desc foreignobject title');
export const mathIntegrationPoints = namesOf('mi mn mo ms mtext');
/** Start tags that end SVG and MathML: https://html.spec.whatwg.org/#parsing-main-inforeign */
export const breakoutElements = namesOf(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strike strong sub sup table tt u ul var',
);
