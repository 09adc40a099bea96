/** @jsxRuntime automatic */
/** @jsxImportSource react */
import { Suspense, use, useId } from 'react';
import { renderToReadableStream, renderToString } from 'react-dom/server';

function Page({ children }) {
  const id = useId();
  return (
    <main id={id}>
      <h1>{'<Hello>'}</h1>
      {children}
    </main>
  );
}

function Later({ text }) {
  return <b>{use(text)}</b>;
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/string') {
      return new Response(renderToString(<Page>plain</Page>));
    }
    const text = new Promise((resolve) => setTimeout(resolve, 5, 'streamed'));
    const stream = await renderToReadableStream(
      <Page>
        <Suspense fallback={<i>waiting</i>}>
          <Later text={text} />
        </Suspense>
      </Page>,
    );
    return new Response(stream, { headers: { 'content-type': 'text/html' } });
  },
};
