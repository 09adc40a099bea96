export const isMainThread = true;
export const isInternalThread = false;
export const parentPort = null;
export const workerData = null;
export const resourceLimits = {};
export const threadId = 0;
export const { MessageChannel, MessagePort } = globalThis;
