import { bridge } from '../websocket/bridge.ts';
import { ClientEnd } from '../websocket/client-end.ts';
import { fetchWebSocket } from '../websocket/fetch-web-socket.ts';
import { WebSocketPair } from '../websocket/web-socket-pair.ts';
import { isWebSocket, socketStateOf, WebSocket } from '../websocket/web-socket.ts';
import { websocketModule } from './lazy-modules.ts';

const exports = {
  bridge,
  ClientEnd,
  fetchWebSocket,
  isWebSocket,
  socketStateOf,
  WebSocket,
  WebSocketPair,
};

export type WebsocketExports = typeof exports;
websocketModule.provide(exports);
