import { HTMLRewriter } from '../html-rewriter/html-rewriter.ts';
import { htmlRewriterModule } from './lazy-modules.ts';

const exports = { HTMLRewriter };

export type HtmlRewriterExports = typeof exports;
htmlRewriterModule.provide(exports);
