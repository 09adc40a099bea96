import { assertNever } from '@openworkers/core';
import type { SandboxMessage, VersionKey } from '@openworkers/sandbox';
import type { AnswerDesk } from './answer-desk.ts';
import type { RecordIntake } from './record-intake.ts';
import type { SandboxLink } from './sandbox-link.ts';

type Message<Kind extends SandboxMessage['kind']> = SandboxMessage & { kind: Kind };

export interface SandboxTalkOptions {
  readonly desk: AnswerDesk;
  readonly intake: RecordIntake;
  readonly onForward: (link: SandboxLink, message: Message<'forward'>) => void;
  readonly onChannel: (link: SandboxLink, message: Message<'openChannel'>) => void;
  readonly onOvergrown: (link: SandboxLink) => void;
  readonly onUnstoppable: (link: SandboxLink, message: Message<'unstoppable'>) => void;
}

/** Takes what sandboxes say to where it belongs, and answers their questions. */
export class SandboxTalk {
  readonly #options: SandboxTalkOptions;

  constructor(options: SandboxTalkOptions) {
    this.#options = options;
  }

  /** @throws ProtocolError when the sandbox may not say that now */
  handle(link: SandboxLink, message: SandboxMessage): void {
    switch (message.kind) {
      case 'askRoute':
        link.answerWith(this.#answerRoute(link, message));
        return;
      case 'askVersion':
        link.answerWith(this.#answerVersion(link, message));
        return;
      case 'records':
        this.#options.intake.take(message.records, link.handles);
        return;
      case 'unstoppable':
        this.#options.onUnstoppable(link, message);
        return;
      case 'overgrown':
        this.#options.onOvergrown(link);
        return;
      case 'forward':
        this.#options.onForward(link, message);
        return;
      case 'openChannel':
        this.#options.onChannel(link, message);
        return;
      case 'ready':
      case 'alive':
      case 'drained':
      case 'running':
      case 'connections':
        // Dealt with where the process and its connections are known.
        return;
      default:
        assertNever(message);
    }
  }

  async #answerRoute(
    link: SandboxLink,
    { id, question }: Message<'askRoute'>,
  ): Promise<() => void> {
    try {
      const { answer, isUncertain } = await this.#options.desk.route(question, link);
      return () => {
        link.sendRoute(id, answer);
        if (isUncertain) link.invalidate('host' in question ? question : { all: true });
      };
    } catch (error) {
      const refusal = this.#options.desk.refusal(error);
      return () => link.sendRefusal(id, refusal);
    }
  }

  async #answerVersion(
    link: SandboxLink,
    { id, key }: { id: number; key: VersionKey },
  ): Promise<() => void> {
    try {
      const version = await this.#options.desk.version(key, link);
      return () => link.sendVersion(id, version);
    } catch (error) {
      const refusal = this.#options.desk.refusal(error);
      return () => link.sendRefusal(id, refusal);
    }
  }
}
