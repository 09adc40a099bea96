import type { Tally } from './tally.ts';

/** The table of `npm run wpt`: one line per area and one for all, as Markdown. */
export function reportLines(tallies: readonly Tally[]): string[] {
  const rows = tallies.map((tally) => ({
    name: tally.area.name,
    passed: tally.passed,
    failed: tally.failed,
    notApplicable: tally.notApplicableCount,
    reasons: [...tally.notApplicable].map(([reason, count]) => `${reason} ${count}`).join(', '),
  }));
  const sum = (key: 'passed' | 'failed' | 'notApplicable'): number =>
    rows.reduce((total, row) => total + row[key], 0);
  const total = {
    name: 'total',
    passed: sum('passed'),
    failed: sum('failed'),
    notApplicable: sum('notApplicable'),
    reasons: '',
  };
  return [
    '| area | passed | failed | passed of applicable | not applicable |',
    '| --- | --- | --- | --- | --- |',
    ...[...rows, total].map(
      (row) =>
        `| ${row.name} | ${row.passed} | ${row.failed} | ${percent(row)} | ${row.notApplicable}${row.reasons === '' ? '' : ` (${row.reasons})`} |`,
    ),
  ];
}

/** What differs from the expectations, one line each. */
export function surpriseLines(tallies: readonly Tally[]): string[] {
  return tallies.flatMap(({ surprises }) =>
    surprises.map(({ path, test, what, message }) => {
      const text = message.replaceAll(/\s+/g, ' ').slice(0, 300);
      return `${path}: ${JSON.stringify(test)} ${what}${text === '' ? '' : `: ${text}`}`;
    }),
  );
}

function percent({ passed, failed }: { passed: number; failed: number }): string {
  if (passed + failed === 0) return '–';
  // Rounded down: 100 % means all of them.
  return `${(Math.floor((passed / (passed + failed)) * 1000) / 10).toFixed(1)} %`;
}
