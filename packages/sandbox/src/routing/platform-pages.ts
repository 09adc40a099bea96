import { escapeHtml } from '../http/error-body.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import type { RequestLine } from '../http/request-line.ts';
import type { BootMessage } from '../protocol/messages.ts';

/** The platform's own host, as long as no system worker serves it. */
export function answerPlatform(
  exchange: HttpExchange,
  line: RequestLine,
  boot: Pick<BootMessage, 'baseDomain' | 'publicScheme'>,
): void {
  if (line.path === '/api' || line.path.startsWith('/api/')) {
    return exchange.answerError('not_found', {
      message: 'There is no API on this platform yet; use the command "npx ow" on its machine.',
      form: 'json',
    });
  }
  if (line.path !== '/') return exchange.answerError('not_found');
  exchange.answerPage('text/html; charset=utf-8', welcomePage(line, boot));
}

function welcomePage(
  line: RequestLine,
  { baseDomain, publicScheme }: Pick<BootMessage, 'baseDomain' | 'publicScheme'>,
): string {
  const port = /:\d+$/.exec(new URL(line.url).host)?.[0] ?? '';
  const example = escapeHtml(`${publicScheme}://hello.${baseDomain}${port}/`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>OpenWorkers</title>
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 14%, transparent); }
  body { font: 16px/1.65 system-ui, sans-serif; max-width: 40rem; margin: 14vh auto 4rem; padding: 0 1.5rem; }
  h1 { font-size: 2.25rem; letter-spacing: -.03em; line-height: 1.1; margin: 0 0 .75rem; }
  h2 { font-size: 1rem; margin: 2.5rem 0 .5rem; }
  p { margin: 0 0 1rem; }
  .state { display: inline-flex; align-items: center; gap: .5rem; font-size: .8125rem; opacity: .75; margin-bottom: 1.5rem; }
  .state::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: #2da44e; }
  pre { font: .8125rem/1.7 ui-monospace, monospace; border: 1px solid var(--line); border-radius: .5rem; padding: .875rem 1rem; overflow-x: auto; }
  footer { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1rem; font-size: .8125rem; opacity: .65; }
</style>
<div class="state">Running</div>
<h1>OpenWorkers</h1>
<p>This machine runs JavaScript and TypeScript workers, each in a V8 isolate of its own with hard limits
on CPU time and memory. A worker named <b>hello</b> answers at <a href="${example}">${example}</a>.</p>
<h2>Deploy one</h2>
<pre>npx ow workers create hello
npx ow workers deploy hello examples/hello/worker.ts
curl ${example}</pre>
<h2>See what is there</h2>
<pre>npx ow workers list</pre>
<footer>Until the dashboard is here, this page stands in for it.</footer>
</html>
`;
}
