import { shown, shownJson } from '../shown/shown-text.js';
import { lines, print, say } from './say.js';
import type { Shell } from './shell.js';

/** What a check has found. */
export interface Finding {
  readonly name: string;
  readonly outcome: keyof typeof MARKS;
  readonly message: string;
}

export interface VerifyReport {
  readonly add: (finding: Finding) => void;
  readonly end: (isFine: boolean) => void;
}

const MARKS = { passed: '✓', warning: '!', failed: '✗', skipped: '-' } as const;

/** Prints a line for each check as it comes, or one JSON object at the end. */
export function verifyReport(stdout: Shell['stdout'], asJson: boolean): VerifyReport {
  const checks: Finding[] = [];
  return {
    add: (finding) => {
      if (asJson) checks.push(finding);
      else say(stdout, shown`${MARKS[finding.outcome]} ${finding.name}: ${finding.message}\n`);
    },
    end: (ok) => {
      if (asJson) print(stdout, lines(shownJson({ ok, checks }, 2)));
    },
  };
}
