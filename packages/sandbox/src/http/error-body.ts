/** What a client is told when the platform answers instead of a worker. */
export interface ErrorText {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

export interface RenderedBody {
  readonly contentType: string;
  readonly body: string;
}

export type ErrorForm = 'html' | 'json' | 'text';

/** Renders an error for a person with a browser, a program, or whoever else. */
export function renderError(error: ErrorText, form: ErrorForm): RenderedBody {
  switch (form) {
    case 'html':
      return { contentType: 'text/html; charset=utf-8', body: errorPage(error) };
    case 'json': {
      const { message, code, requestId } = error;
      return {
        contentType: 'application/json',
        body: `${JSON.stringify({ error: message, code, requestId })}\n`,
      };
    }
    default:
      return {
        contentType: 'text/plain; charset=utf-8',
        body: `${error.message}\ncode: ${error.code}\nrequest id: ${error.requestId}\n`,
      };
  }
}

const maxAcceptChars = 1024;

/** The form with the highest quality in `Accept`, the first of equals; text when it names none. */
export function preferredErrorForm(accept: string | undefined): ErrorForm {
  let best: ErrorForm = 'text';
  let bestQuality = 0;
  for (const range of (accept ?? '').slice(0, maxAcceptChars).split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const form = formOf(type);
    const quality = qualityOf(parameters);
    if (form !== undefined && quality > bestQuality) {
      best = form;
      bestQuality = quality;
    }
  }
  return best;
}

function formOf(type: string): ErrorForm | undefined {
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  return type === 'text/plain' ? 'text' : undefined;
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (text === undefined) return 1;
  const quality = Number(text);
  return Number.isFinite(quality) ? Math.min(Math.max(quality, 0), 1) : 0;
}

function errorPage({ status, code, message, requestId }: ErrorText): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status} ${escapeHtml(code)}</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem; }
  h1 { font-size: 3rem; font-weight: 600; letter-spacing: -.02em; margin: 0; opacity: .35; }
  p { margin: .25rem 0 2rem; font-size: 1.125rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; font-size: .8125rem; opacity: .65; }
  dd { margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
</style>
<h1>${status}</h1>
<p>${escapeHtml(message)}</p>
<dl>
  <dt>Code</dt><dd>${escapeHtml(code)}</dd>
  <dt>Request</dt><dd>${escapeHtml(requestId)}</dd>
</dl>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
