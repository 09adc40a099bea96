import { AppError, platformLimits } from '@openworkers/core';

/** @throws AppError `code_too_large` */
export function assertCodeSize(sizeBytes: number): void {
  const limitBytes = platformLimits.codeBytes.tenant;
  if (sizeBytes <= limitBytes) return;
  const message = `the worker is ${sizeBytes} bytes with everything it imports; the limit is ${limitBytes}`;
  throw new AppError('code_too_large', message, { details: { sizeBytes, limitBytes } });
}
