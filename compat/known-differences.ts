/** Whose behaviour we believe is right; `either` where no standard says. */
type RightSide = 'ours' | 'workerd' | 'either';

/** A difference between us and workerd that is known, with what we think of it. */
export interface KnownDifference {
  readonly right: RightSide;
  /** One line: which standard or decision speaks for it. */
  readonly why: string;
}

/** By the name of the case. */
export const knownDifferences: Readonly<Record<string, KnownDifference>> = {
  'Headers refuses characters beyond bytes': {
    right: 'ours',
    why: 'Header values are ByteStrings (Fetch §5.2, WebIDL §3.2.8); workerd sends UTF-8.',
  },
  'Request normalises methods': {
    right: 'ours',
    why: 'Only DELETE, GET, HEAD, OPTIONS, POST and PUT are put in upper case (Fetch §2.2.1).',
  },
  'Request refuses forbidden methods': {
    right: 'ours',
    why: 'CONNECT, TRACE and TRACK are forbidden (Fetch §2.2.1); workerd lets TRACE pass.',
  },
  'Request refuses credentials in the URL': {
    right: 'ours',
    why: 'A URL with credentials is a TypeError (Fetch §5.4, constructor).',
  },
  'Response defaults': {
    right: 'ours',
    why: '`statusText` is the empty string when none was given (Fetch §5.5).',
  },
  'Response with an empty body and 204': {
    right: 'ours',
    why: 'Any body, even an empty one, with a null body status is a TypeError (Fetch §5.5).',
  },
  'Response.json refuses functions': {
    right: 'ours',
    why: 'What JSON cannot express is a TypeError (Infra, serialize a JavaScript value to JSON).',
  },
  'text removes a byte order mark': {
    right: 'ours',
    why: '`text()` is UTF-8 decode, which drops the mark (Fetch §5.3).',
  },
  'FormData of a blob': {
    right: 'ours',
    why: 'A blob without a name becomes a file named "blob" (XMLHttpRequest §5, create an entry).',
  },
  'preventDefault and cancelable': {
    right: 'ours',
    why: '`preventDefault()` does nothing on an event that is not cancelable (DOM §2.2).',
  },
  'caches.default stores': {
    right: 'either',
    why: 'workerd by itself has no cache: it forwards to a service that must be configured.',
  },
  'WebAssembly from bytes': {
    right: 'either',
    why: 'workerd compiles no WebAssembly at run time; here it is compiled within the CPU limit.',
  },
  'performance.mark and measure': {
    right: 'ours',
    why: 'workerd has the functions but refuses to measure (User Timing §3.3).',
  },
  'performance.measure refuses a missing mark': {
    right: 'ours',
    why: 'A name that no mark has is a SyntaxError (User Timing §3.3).',
  },
  'WebAssembly.compileStreaming is there': {
    right: 'either',
    why: 'workerd compiles no WebAssembly at run time; here the bytes are collected first.',
  },
};
