import type { Noun } from '../../command.ts';
import { rotateKeyCommand } from './rotate-key.ts';

export const secrets: Noun = {
  name: 'secrets',
  aliases: [],
  summary: 'the master key that encrypts secrets (for operators)',
  commands: [rotateKeyCommand],
};
