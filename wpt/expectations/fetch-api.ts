import type { AreaExpectations, NotApplicableReason } from '../expectation.ts';

/** A worker has no origin of its own: nothing is cross-origin, and there is no page that refers. */
const crossOrigin = { '*': 'cross-origin' } as const satisfies Record<string, NotApplicableReason>;
const httpCache = { '*': 'HTTP cache' } as const satisfies Record<string, NotApplicableReason>;

const corsFiles = [
  'cors-basic',
  'cors-cookies',
  'cors-cookies-redirect',
  'cors-expose-star.sub',
  'cors-filtering.sub',
  'cors-keepalive',
  'cors-multiple-origins.sub',
  'cors-no-preflight',
  'cors-origin',
  'cors-preflight',
  'cors-preflight-cache',
  'cors-preflight-not-cors-safelisted',
  'cors-preflight-redirect',
  'cors-preflight-referrer',
  'cors-preflight-response-validation',
  'cors-preflight-star',
  'cors-preflight-status',
  'cors-redirect',
  'cors-redirect-credentials',
  'cors-redirect-preflight',
].map((name) => [`fetch/api/cors/${name}.any.js`, 'cross-origin'] as const);

const guarded: Readonly<Record<string, NotApplicableReason>> = {
  // Scripts of servers may set all of them.
  'Adding invalid request header *': 'cross-origin',
  'Check that * constructor is filtering headers *': 'cross-origin',
  'Adding invalid no-cors request header *': 'cross-origin',
  '* is a forbidden request header': 'cross-origin',
  'header * is forbidden to use value *': 'cross-origin',
};

/** Without an origin to protect, a redirect that is not followed is shown, as in Workers. */
const manualRedirect: Readonly<Record<string, NotApplicableReason>> = {
  'Redirect * in "manual" mode *': 'cross-origin',
  '* in manual redirect and *': 'cross-origin',
  'manual redirect with a CORS error should be rejected': 'cross-origin',
  '* and no-cors mode': 'cross-origin',
  '*, manual mode': 'cross-origin',
  '* with mode: "*"': 'cross-origin',
};

const control =
  'RFC 9110 forbids control characters in values, and HTTP clients of servers refuse them';
const strictHttp = "Node's HTTP parser refuses it, as RFC 9112 allows";
const microtask = 'rejects one microtask later';

export const fetchApi: AreaExpectations = {
  notApplicable: {
    ...Object.fromEntries(corsFiles),
    'fetch/api/credentials/authentication-basic.any.js': 'cross-origin',
    'fetch/api/credentials/authentication-redirection.any.js': 'cross-origin',
    'fetch/api/credentials/cookies.any.js': 'cross-origin',
    'fetch/api/redirect/redirect-referrer.any.js': crossOrigin,
    'fetch/api/redirect/redirect-referrer-override.any.js': crossOrigin,
    'fetch/api/redirect/redirect-origin.any.js': crossOrigin,
    'fetch/api/redirect/redirect-mode.any.js': manualRedirect,
    'fetch/api/redirect/redirect-location.any.js': manualRedirect,
    'fetch/api/redirect/redirect-empty-location.any.js': manualRedirect,
    'fetch/api/redirect/redirect-back-to-original-origin.any.js': manualRedirect,
    'fetch/api/headers/headers-no-cors.any.js': crossOrigin,
    'fetch/api/headers/header-setcookie.any.js': {
      'Set-Cookie is a forbidden response header': 'cross-origin',
    },
    'fetch/api/basic/referrer.any.js': crossOrigin,
    'fetch/api/basic/request-referrer.any.js': crossOrigin,
    'fetch/api/basic/mode-no-cors.sub.any.js': crossOrigin,
    'fetch/api/basic/mode-same-origin.any.js': crossOrigin,
    'fetch/api/basic/request-headers.any.js': crossOrigin,
    'fetch/api/basic/request-forbidden-headers.any.js': guarded,
    'fetch/api/basic/request-private-network-headers.tentative.any.js': guarded,
    'fetch/api/request/request-headers.any.js': guarded,
    // URL.createObjectURL exists in windows and dedicated workers only.
    'fetch/api/basic/scheme-blob.sub.any.js': 'needs Worker',
    'fetch/api/basic/status.h2.any.js': 'HTTP/2',
    'fetch/api/basic/conditional-get.any.js': httpCache,
    'fetch/api/request/request-cache-default.any.js': httpCache,
    'fetch/api/request/request-cache-force-cache.any.js': httpCache,
    'fetch/api/request/request-cache-only-if-cached.any.js': httpCache,
    'fetch/api/request/request-cache-reload.any.js': httpCache,
  },
  failures: {
    'fetch/api/abort/cache.https.any.js': {
      '*': '`caches` has no `delete` and `keys`: entries belong to the region, not the worker',
    },
    'fetch/api/abort/general.any.js': {
      'response.json() rejects if already aborted': microtask,
      'Call text() twice on aborted response':
        'the second call rejects with a TypeError: the body has been used',
    },
    'fetch/api/basic/accept-header.any.js': {
      "Request through fetch should have a 'accept-language' header":
        'a worker has no user and so no language',
    },
    'fetch/api/basic/header-value-combining.any.js': {
      "*'content-length'*": strictHttp,
      "*'heya'*": strictHttp,
    },
    'fetch/api/basic/integrity.sub.any.js': {
      '*': '`integrity` is not checked',
    },
    'fetch/api/basic/request-headers-case.any.js': {
      '*': 'names of headers are sent in lower case',
    },
    'fetch/api/basic/request-upload.any.js': {
      'Fetch with POST with text body on 421 response should be retried once on new connection.':
        'is not sent again: connections are per host here, so a 421 is meant',
      "Streaming upload shouldn't work on Http/1.1.": 'it works, as in every server runtime',
    },
    'fetch/api/basic/request-upload.h2.any.js': {
      'Streaming upload should fail on a 401 response':
        'nobody is asked for a password, so a 401 is a response',
    },
    'fetch/api/headers/header-values-normalize.any.js': { '*': control },
    'fetch/api/headers/header-values.any.js': {
      '*': 'the test sends more headers than one request may have',
    },
    'fetch/api/request/request-consume-empty.any.js': {
      'Consume empty FormData request body as text':
        'asks for no text where the standard has the closing boundary',
    },
    'fetch/api/response/response-consume-empty.any.js': {
      'Consume empty FormData response body as text':
        'asks for no text where the standard has the closing boundary',
    },
    'fetch/api/idlharness.https.any.js': {
      'WorkerGlobalScope interface: *': 'an own property of the global object, as in Workers',
    },
    'fetch/api/request/request-disturbed.any.js': {
      'Input request used for creating new request became disturbed even if body is not used':
        'the standard disturbs only a body that is taken over, which is not when there is another',
    },
    'fetch/api/request/request-structure.any.js': {
      'Check headers attribute': 'assigns to a getter, which throws in a module as workers are',
    },
    'fetch/api/request/request-init-stream.any.js': {
      'It is error to omit .duplex when the body is a ReadableStream.':
        'may be left out, as in Workers: half is all there is',
    },
  },
};
