import type { StreamDecoder } from '../encoding/stream-decoder.ts';
import type { Bytes } from '../fetch/body.ts';
import { newList, ReflectApply, Uint8Array } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { react } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { lowerCaseName, viewOf } from './bytes.ts';
import type { TokenState } from './content.ts';
import type { DocumentEncoding } from './document-encoding.ts';
import { Element } from './element.ts';
import { ElementState } from './element-state.ts';
import { isEmptyElement } from './namespaces.ts';
import { countChild, newOpenElement, OpenElements } from './open-elements.ts';
import type { EndEffects, OpenElement } from './open-elements.ts';
import { parseDoctype } from './parse-doctype.ts';
import { RewriterOutput } from './rewriter-output.ts';
import type { Rules } from './rules.ts';
import type { Scope } from './selector-set.ts';
import { Tokenizer } from './tokenizer.ts';
import {
  Comment,
  CommentState,
  Doctype,
  DocumentEnd,
  DocumentEndState,
  EndTag,
  EndTagState,
  Text,
  TextState,
} from './tokens.ts';

type Handler = ((...args: never) => unknown) | undefined;

export interface RewriterOwner {
  /** All of the given piece has been dealt with. */
  needsMore(output: Bytes | undefined): void;
  /** The document is complete. */
  ended(output: Bytes | undefined): void;
  failed(reason: unknown): void;
}

/** One document on its way through the handlers, which may take their time with each token. */
export class Rewriter {
  readonly #rules: Rules;
  readonly #encoding: DocumentEncoding;
  readonly #owner: RewriterOwner;
  readonly #tokenizer = new Tokenizer();
  readonly #output: RewriterOutput;
  readonly #open: OpenElements;
  /** How many open elements match each rule. */
  readonly #matching: List<number> = newList();
  #openTextRules = 0;
  #openCommentRules = 0;
  #documentTextRules = 0;
  #documentCommentRules = 0;
  /** Handlers of the present token that have not run. */
  #steps: List<() => unknown> = newList();
  #nextStep = 0;
  /** Called when they all have. */
  #finish: (() => void) | undefined = undefined;
  /** A token was found that has to wait for the end of the text before it. */
  #hasToken = false;
  /** Of the text that is being handled. */
  #decoder: StreamDecoder | undefined = undefined;
  #isLastPiece = false;
  #hasEnded = false;
  #isOver = false;

  constructor(rules: Rules, encoding: DocumentEncoding, owner: RewriterOwner) {
    this.#rules = rules;
    this.#encoding = encoding;
    this.#owner = owner;
    this.#output = new RewriterOutput(this.#tokenizer, encoding);
    this.#open = new OpenElements(rules.selectors.root);
    for (let i = 0; i < rules.elements.length; i += 1) this.#matching[i] = 0;
    for (let i = 0; i < rules.documents.length; i += 1) {
      if (rules.documents[i]?.text !== undefined) this.#documentTextRules += 1;
      if (rules.documents[i]?.comments !== undefined) this.#documentCommentRules += 1;
    }
  }

  /** The next piece; only after `needsMore`, or first. */
  write(piece: Bytes): void {
    this.#guard(() => this.#tokenizer.push(piece));
    this.#advance();
  }

  /** No more pieces. */
  end(): void {
    this.#isLastPiece = true;
    this.#tokenizer.finish();
    this.#advance();
  }

  /** Nobody wants the rest. */
  stop(): void {
    this.#isOver = true;
  }

  #advance(): void {
    while (!this.#isOver) {
      const step = this.#steps[this.#nextStep];
      if (step !== undefined) {
        this.#nextStep += 1;
        if (this.#run(step)) return;
      } else if (this.#finish !== undefined) {
        const finish = this.#finish;
        this.#finish = undefined;
        this.#steps = newList();
        this.#nextStep = 0;
        this.#guard(finish);
      } else if (!this.#takeToken()) return;
    }
  }

  /** True when the handler answered a promise, which is waited for. */
  #run(step: () => unknown): boolean {
    let result: unknown;
    if (!this.#guard(() => (result = step()))) return true;
    if (!isObject(result)) return false;
    react(
      result,
      () => this.#advance(),
      (reason) => this.#fail(reason),
    );
    return true;
  }

  #guard(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.failed(reason);
  }

  /** False when there is none, and the owner was told so. */
  #takeToken(): boolean {
    const tokenizer = this.#tokenizer;
    if (!this.#hasToken && !tokenizer.advance()) return this.#pause();
    if (this.#decoder !== undefined && tokenizer.kind !== 'text') {
      this.#hasToken = true;
      this.#endText(this.#decoder);
      return true;
    }
    this.#hasToken = false;
    this.#guard(() => this.#token());
    return true;
  }

  #pause(): boolean {
    if (!this.#isLastPiece) {
      this.#owner.needsMore(this.#output.take());
      return false;
    }
    if (this.#decoder !== undefined) {
      this.#endText(this.#decoder);
      return true;
    }
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#endDocument();
      return true;
    }
    this.#isOver = true;
    this.#owner.ended(this.#output.take());
    return false;
  }

  #token(): void {
    switch (this.#tokenizer.kind) {
      case 'text':
        return this.#text();
      case 'startTag':
        return this.#startTag();
      case 'endTag':
        return this.#endTag();
      case 'comment':
        return this.#comment();
      case 'doctype':
        return this.#doctype();
      case 'raw':
        return this.#output.source();
    }
  }

  #call(handler: Handler, self: unknown, token: object): void {
    if (handler === undefined) return;
    this.#steps[this.#steps.length] = (): unknown => ReflectApply(handler, self, [token] as never);
  }

  // Text

  #text(): void {
    if (this.#openTextRules + this.#documentTextRules === 0) {
      this.#output.source();
      return;
    }
    const { bytes, start, end } = this.#tokenizer;
    this.#decoder ??= this.#encoding.createDecoder();
    const view = viewOf(bytes, start, end);
    const text = this.#decoder.decode(view, end - start, false) ?? '';
    if (text !== '') this.#chunk(new TextState(text, false));
  }

  #endText(decoder: StreamDecoder): void {
    this.#decoder = undefined;
    this.#chunk(new TextState(decoder.decode(new Uint8Array(0), 0, true) ?? '', true));
  }

  #chunk(state: TextState): void {
    const { elements, documents } = this.#rules;
    const token = new Text(state);
    for (let i = 0; i < elements.length; i += 1) {
      const rule = elements[i];
      if (rule !== undefined && this.#isOpen(i)) this.#call(rule.text, rule.handlers, token);
    }
    for (let i = 0; i < documents.length; i += 1) {
      this.#call(documents[i]?.text, documents[i]?.handlers, token);
    }
    this.#finish = (): void => {
      state.isValid = false;
      // What was not changed keeps its bytes, unless they may be part of a longer sequence.
      const keepsBytes = !state.isLast && !state.isChanged && !this.#encoding.isUtf8;
      if (keepsBytes) this.#output.source();
      else this.#write(state, () => this.#output.text(state.text));
    };
  }

  /** A token with what was put around it. */
  #write(state: TokenState, writeToken: () => void): void {
    this.#output.text(state.before);
    if (state.isRemoved) this.#output.text(state.replacement);
    else writeToken();
    this.#output.text(state.after);
  }

  // Elements

  #startTag(): void {
    const { name, namespace, tag, bytes } = this.#tokenizer;
    const { elements, selectors, countsTypes } = this.#rules;
    if (elements.length === 0 || tag === undefined) {
      this.#output.source();
      return;
    }
    const parent = this.#open.current;
    const matched = newList<number>();
    const candidate = {
      name,
      ...countChild(parent, name, countsTypes),
      attribute: (wanted: string) => this.#attribute(wanted),
    };
    const scope = selectors.match(parent.scope, candidate, matched);
    const isEmpty = isEmptyElement(name, namespace, tag.isSelfClosing);
    const encoding = this.#encoding;
    const isHidden = this.#output.hidden > 0;
    let state: ElementState | undefined;
    let element: Element | undefined;
    for (let i = 0; i < matched.length; i += 1) {
      const rule = elements[matched[i] ?? 0];
      if (rule?.element === undefined) continue;
      state ??= new ElementState({ bytes, name, namespace, tag, encoding, isEmpty, isHidden });
      element ??= new Element(state);
      this.#call(rule.element, rule.handlers, element);
    }
    if (state === undefined) {
      this.#output.source();
      if (!isEmpty) this.#enter({ name, scope, rules: matched, effects: undefined });
      return;
    }
    const handled = state;
    this.#finish = () => this.#finishStartTag(handled, { name, scope, rules: matched });
  }

  #attribute(wanted: string): string | undefined {
    const { bytes, tag } = this.#tokenizer;
    if (tag === undefined) return undefined;
    for (let i = 0; i < tag.attributes.length; i += 1) {
      const span = tag.attributes[i];
      if (span === undefined) continue;
      if (span.nameEnd - span.nameStart !== wanted.length) continue;
      if (lowerCaseName(bytes, span.nameStart, span.nameEnd) !== wanted) continue;
      return this.#encoding.decode(bytes, span.valueStart, span.valueEnd);
    }
    return undefined;
  }

  #finishStartTag(
    state: ElementState,
    found: { name: string; scope: Scope; rules: List<number> },
  ): void {
    state.isValid = false;
    const output = this.#output;
    output.text(state.before);
    if (state.isRemoved) output.text(state.replacement);
    else {
      if (!state.isUnwrapped) this.#writeStartTag(state.changedTag);
      output.text(state.prepended);
      output.text(state.inner);
    }
    if (state.isEmpty) {
      output.text(state.after);
      return;
    }
    this.#enter({ ...found, effects: effectsOf(state) });
  }

  #writeStartTag(changed: string | undefined): void {
    if (changed === undefined) this.#output.source();
    else this.#output.text(changed);
  }

  #enter(element: Pick<OpenElement, 'name' | 'scope' | 'rules' | 'effects'>): void {
    this.#open.push(newOpenElement(element));
    this.#count(element.rules, 1);
    if (element.effects?.hidesContent === true) this.#output.hidden += 1;
  }

  #count(rules: List<number>, by: 1 | -1): void {
    for (let i = 0; i < rules.length; i += 1) {
      const index = rules[i] ?? 0;
      this.#matching[index] = (this.#matching[index] ?? 0) + by;
      const rule = this.#rules.elements[index];
      if (rule?.text !== undefined) this.#openTextRules += by;
      if (rule?.comments !== undefined) this.#openCommentRules += by;
    }
  }

  #isOpen(rule: number): boolean {
    return (this.#matching[rule] ?? 0) > 0;
  }

  #endTag(): void {
    const { name } = this.#tokenizer;
    const closed = this.#open.close(name);
    const state = new EndTagState(name);
    let isHandled = false;
    for (let i = 0; i < closed.length; i += 1) {
      const element = closed[i];
      if (element === undefined) continue;
      this.#count(element.rules, -1);
      const { effects } = element;
      if (effects === undefined) continue;
      isHandled = true;
      const isOwn = i === closed.length - 1;
      this.#steps[this.#steps.length] = () => this.#applyEffects(effects, state, isOwn);
    }
    if (!isHandled) {
      this.#output.source();
      return;
    }
    this.#finish = (): void => {
      state.isValid = false;
      this.#write(state, () => {
        if (state.isRenamed) this.#output.text(`</${state.name}>`);
        else this.#output.source();
      });
    };
  }

  /** @param isOwn Whether the end tag is the element's; else it ends the element by the way. */
  #applyEffects(effects: EndEffects, state: EndTagState, isOwn: boolean): unknown {
    if (effects.hidesContent) {
      // With the content goes what was to stand at its end.
      this.#output.hidden -= 1;
      state.before = '';
      state.after = '';
    }
    state.addBefore(effects.appended);
    state.addAfter(effects.after);
    if (isOwn && effects.removesTag) state.isRemoved = true;
    if (isOwn && effects.newName !== undefined) {
      state.name = effects.newName;
      state.isRenamed = true;
    }
    const { handler } = effects;
    return handler && ReflectApply(handler, undefined, [new EndTag(state)] as never);
  }

  // The rest

  #comment(): void {
    if (this.#openCommentRules + this.#documentCommentRules === 0) {
      this.#output.source();
      return;
    }
    const { bytes, textStart, textEnd } = this.#tokenizer;
    const state = new CommentState(this.#encoding.decode(bytes, textStart, textEnd));
    const token = new Comment(state);
    const { elements, documents } = this.#rules;
    for (let i = 0; i < elements.length; i += 1) {
      const rule = elements[i];
      if (rule !== undefined && this.#isOpen(i)) this.#call(rule.comments, rule.handlers, token);
    }
    for (let i = 0; i < documents.length; i += 1) {
      this.#call(documents[i]?.comments, documents[i]?.handlers, token);
    }
    this.#finish = (): void => {
      state.isValid = false;
      this.#write(state, () => {
        if (state.isTextChanged) this.#output.text(`<!--${state.text}-->`);
        else this.#output.source();
      });
    };
  }

  #doctype(): void {
    const { bytes, start, end } = this.#tokenizer;
    const { documents } = this.#rules;
    const state = parseDoctype(this.#encoding.decode(bytes, start, end));
    const token = new Doctype(state);
    for (let i = 0; i < documents.length; i += 1) {
      this.#call(documents[i]?.doctype, documents[i]?.handlers, token);
    }
    this.#finish = (): void => {
      state.isValid = false;
      this.#output.source();
    };
  }

  #endDocument(): void {
    const { documents } = this.#rules;
    const state = new DocumentEndState();
    const token = new DocumentEnd(state);
    for (let i = 0; i < documents.length; i += 1) {
      this.#call(documents[i]?.end, documents[i]?.handlers, token);
    }
    this.#finish = (): void => {
      state.isValid = false;
      this.#output.hidden = 0;
      this.#output.text(state.appended);
    };
  }
}

/** Undefined when the end tag can pass as it is. */
function effectsOf(state: ElementState): EndEffects | undefined {
  const removesTag = state.isRemoved || state.isUnwrapped;
  const hidesContent = state.isInnerRemoved;
  const { appended, after, newName, endTagHandler: handler } = state;
  const isPlain = !removesTag && !hidesContent && handler === undefined;
  if (isPlain && appended === '' && after === '' && newName === undefined) return undefined;
  return {
    appended: state.isRemoved ? '' : appended,
    after,
    newName,
    removesTag,
    hidesContent,
    handler,
  };
}
