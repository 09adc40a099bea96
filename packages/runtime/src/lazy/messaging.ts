import { MessageChannel } from '../messaging/message-channel.ts';
import { detachPort, isAttached, isMessagePort, MessagePort } from '../messaging/message-port.ts';
import { messagingModule } from './lazy-modules.ts';

const exports = { detachPort, isAttached, isMessagePort, MessageChannel, MessagePort };

export type MessagingExports = typeof exports;
messagingModule.provide(exports);
