/** What a piece of a pattern matches; https://urlpattern.spec.whatwg.org/#part-type */
export type PartType = 'fixed-text' | 'regexp' | 'segment-wildcard' | 'full-wildcard';

/** How often it may come: once, or as the character says. */
export type Modifier = '' | '?' | '*' | '+';

/** https://urlpattern.spec.whatwg.org/#part */
export interface Part {
  readonly type: PartType;
  readonly value: string;
  readonly modifier: Modifier;
  /** Of the group; empty when it is none. */
  readonly name: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** https://urlpattern.spec.whatwg.org/#options */
export interface PatternOptions {
  /** Ends what `:name` matches; one character, or empty when nothing does. */
  readonly delimiter: string;
  /** Before a group, it is repeated and optional with the group. */
  readonly prefix: string;
  readonly ignoresCase: boolean;
}

/** Brings a fixed text into the form that it has in a URL; throws a TypeError when it cannot be there. */
export type Encode = (text: string) => string;

export const fullWildcard = '.*';
