export const { performance } = globalThis;
export const constants = {};
