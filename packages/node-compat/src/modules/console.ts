const { console } = globalThis;
export { console as default };
