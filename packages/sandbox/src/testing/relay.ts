import { defaultTenantLimits } from '@openworkers/core/limits';
import { frameTypes, type ForwardedHead, type ForwardQuestion } from '../protocol/messages.ts';
import type { PipeStream, StreamHandler } from '../protocol/pipe-stream.ts';
import type { InProcessSandbox } from './in-process-sandbox.ts';

type Accept = (handler: StreamHandler) => PipeStream;

/** Has one sandbox run what another wants run elsewhere, as a runner does. */
export class Relay {
  readonly questions: ForwardQuestion[] = [];
  readonly #far: InProcessSandbox;

  constructor(near: InProcessSandbox, far: InProcessSandbox) {
    this.#far = far;
    near.onForward = (question, accept) => this.#connect(question, accept);
  }

  #connect(question: ForwardQuestion, accept: Accept): void {
    this.questions.push(question);
    const nothing = (): void => undefined;
    const client: PipeStream = accept({
      data: (bytes) => worker?.send(bytes),
      end: () => worker?.end(),
      reset: (reason) => {
        if (reason !== 'unwanted') worker?.reset(reason);
      },
      sent: (bytes) => worker?.grant(bytes),
      clientGone: () => worker?.leave(),
      response: nothing,
      failure: nothing,
    });
    const { hasBody } = question;
    const worker: PipeStream | undefined = this.#far.streams.open(responseTo(client), { hasBody });
    const head: ForwardedHead = { ...question, limits: defaultTenantLimits() };
    if (worker !== undefined) this.#far.peer.sendJson(frameTypes.incoming, worker.id, head);
  }
}

function responseTo(client: PipeStream): StreamHandler {
  return {
    data: (bytes) => client.send(bytes),
    end: () => client.end(),
    reset: (reason) => {
      if (reason === 'unwanted') client.refuseRest();
      else client.reset(reason);
    },
    sent: (bytes) => client.grant(bytes),
    response: (head) => client.respond(head),
    failure: (failure) => client.fail(failure),
    clientGone: () => undefined,
  };
}
