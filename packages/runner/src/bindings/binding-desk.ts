import type { BoundResource } from '@openworkers/db';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import type { Egress, EgressRequest } from '../egress/channel-desk.ts';
import { EgressRefusal } from '../egress/egress-refusal.ts';
import type { Binding } from './binding.ts';

export interface BindingDeskOptions {
  /** Which types of `env` keys the binding serves. */
  readonly types: readonly BoundResource['type'][];
  readonly binding: Binding;
}

/**
 * Finds what a channel's question is about: only what this instance's own environment binds under
 * the key it names. No id comes from a sandbox, so none can be guessed.
 */
export class BindingDesk implements Egress {
  readonly #options: BindingDeskOptions;

  constructor(options: BindingDeskOptions) {
    this.#options = options;
  }

  open({ instance, requestId, argument }: EgressRequest, channel: PipeChannel): ChannelHandler {
    const { types, binding } = this.#options;
    const question = parse(argument);
    const resource = instance.bindings.get(keyOf(question));
    if (resource === undefined || !types.includes(resource.type)) {
      throw new EgressRefusal('There is no such binding');
    }
    const { targetId, shape } = resource;
    const scope = { tenantId: instance.tenantId, targetId, shape };
    return binding.open({ scope, requestId, question, channel });
  }
}

function parse(argument: string): unknown {
  try {
    const question: unknown = JSON.parse(argument);
    return question;
  } catch {
    throw new EgressRefusal('The question is not JSON');
  }
}

function keyOf(question: unknown): string {
  if (typeof question !== 'object' || question === null || !('binding' in question)) return '';
  return typeof question.binding === 'string' ? question.binding : '';
}
