import { AppError, Secret } from '@openworkers/core';
import { z } from 'zod';

/** First message of the supervisor, when `OW_RUNNER_DATABASE_URL` is `ipc`. */
const loginMessage = z.object({
  kind: z.literal('login'),
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/ }),
  postgateUrl: z.url({ protocol: /^postgres(ql)?$/ }),
  /** `OW_MASTER_KEY`; left out when the keys are in the data folder. */
  masterKey: z.string().optional(),
});

/** What a runner needs to know and nobody else may. */
export interface Login {
  readonly databaseUrl: Secret;
  /** Login of Postgate. */
  readonly postgateUrl: Secret;
  readonly masterKey: Secret | undefined;
}

const timeoutMs = 10_000;

/**
 * Waits for the database login on the IPC channel. Unlike the environment and the command line of a
 * process, a message cannot be read in `/proc`, not even by the same user.
 *
 * @throws AppError `invalid_config` when nothing usable comes within 10 s
 */
export function receiveLogin(): Promise<Login> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void =>
      reject(new AppError('invalid_config', `OW_RUNNER_DATABASE_URL: ${why}`));
    const timer = setTimeout(() => refuse('ipc, but no login came over IPC'), timeoutMs);
    process.once('disconnect', () => refuse('ipc, but the parent is gone'));
    process.once('message', (message) => {
      clearTimeout(timer);
      const parsed = loginMessage.safeParse(message);
      if (parsed.success) resolve(toLogin(parsed.data));
      else refuse('ipc, but the first message was no login');
    });
  });
}

function toLogin({ databaseUrl, postgateUrl, masterKey }: z.output<typeof loginMessage>): Login {
  return {
    databaseUrl: new Secret(databaseUrl),
    postgateUrl: new Secret(postgateUrl),
    masterKey: masterKey === undefined ? undefined : new Secret(masterKey),
  };
}
