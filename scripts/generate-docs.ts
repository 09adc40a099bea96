import { readFileSync, writeFileSync } from 'node:fs';
import { errorCatalogue, platformLimits, workerLimits } from '@openworkers/core';

/** Pages that are written from tables in the code, so that they cannot drift. */
const pages: Readonly<Record<string, () => string>> = {
  'docs/limits.md': limitsPage,
  'docs/reference/errors.md': errorsPage,
};

interface Row {
  readonly tenant: number;
  readonly system?: number;
  readonly unit: 'ms' | 'bytes' | 'count';
  readonly outcome: string;
  readonly meaning: string;
}

function limitsPage(): string {
  return [
    '# Limits',
    '',
    'Generated from `packages/core/src/limits.ts` by `node scripts/generate-docs.ts`; do not edit.',
    '',
    '## Per worker',
    '',
    'An operator changes them for one worker in the table `worker_limits`; a change is live within a second.',
    '',
    ...limitsTable(workerLimits),
    '',
    '## Of the platform',
    '',
    ...limitsTable(platformLimits),
    '',
  ].join('\n');
}

function limitsTable(table: Readonly<Record<string, Row>>): string[] {
  const rows = Object.entries(table).map(([name, row]) => {
    const system =
      row.system === undefined ? '' : ` (system workers ${amount(row.system, row.unit)})`;
    return `| \`${name}\` | ${amount(row.tenant, row.unit)}${system} | ${row.meaning} | ${row.outcome} |`;
  });
  return [
    '| limit | default | what it bounds | when passed |',
    '| --- | --- | --- | --- |',
    ...rows,
  ];
}

function amount(value: number, unit: Row['unit']): string {
  if (unit === 'count') return value.toLocaleString('en-US').replaceAll(',', ' ');
  if (unit === 'ms') return value >= 1000 ? `${value / 1000} s` : `${value} ms`;
  if (value >= 1024 * 1024) return `${value / (1024 * 1024)} MiB`;
  return `${value / 1024} KiB`;
}

function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { status, kind, message }]) => `| \`${code}\` | ${status} | ${kind} | ${message} |`,
  );
  return [
    '# Error codes',
    '',
    'Generated from `packages/core/src/error-catalogue.ts` by `node scripts/generate-docs.ts`; do not edit.',
    '',
    'Kinds: *user* — the caller can mend it; *worker* — the worker’s author can; *system* — the operator can.',
    'Every error body carries its code and the request id.',
    '',
    '| code | status | kind | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const isCheck = process.argv.includes('--check');
for (const [path, render] of Object.entries(pages)) {
  const file = new URL(`../${path}`, import.meta.url);
  const text = render();
  if (!isCheck) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    process.stdout.write(`${path} is stale: run node scripts/generate-docs.ts\n`);
    process.exitCode = 1;
  }
}
