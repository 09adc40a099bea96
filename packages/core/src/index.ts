export { AppError, messageOf, type AppErrorOptions } from './app-error.ts';
export { assertNever } from './assert-never.ts';
export { systemClock, type Clock } from './clock.ts';
export { loadConfig, type Config } from './config.ts';
export { errorCatalogue, type ErrorCode, type ErrorKind } from './error-catalogue.ts';
export { exitCodes } from './exit-codes.ts';
export {
  defaultSystemLimits,
  defaultTenantLimits,
  platformLimits,
  workerLimits,
  type WorkerLimits,
} from './limits.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { Secret } from './secret.ts';
export { terminationReasons, type TerminationReason } from './termination-reason.ts';
export { assertWorkerName, isUuid, reservedNames } from './worker-name.ts';
