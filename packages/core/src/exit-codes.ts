/** Process exit codes; 78 is `EX_CONFIG` of sysexits.h. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, config: 78 } as const;
