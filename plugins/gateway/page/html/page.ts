import { createHash } from 'node:crypto';
import { BODY } from './body.js';
import { DRAW } from './draw-script.js';
import { FEED } from './feed-script.js';
import { LIMITS } from './limits-script.js';
import { PLAYGROUND } from './playground-script.js';
import { RUNS } from './runs-script.js';
import { SECTIONS } from './sections-script.js';
import { SHOWN } from './shown-script.js';
import { STYLE } from './style.js';

const SCRIPT = `'use strict';\n${[SHOWN, DRAW, SECTIONS, LIMITS, RUNS, FEED, PLAYGROUND].join('\n')}`;

/** The page of the gateway, whole in itself. It holds no data; its script reads `events` beside it. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Scriptorium</title>
<style>${STYLE}</style>
</head>
${BODY}
<script>${SCRIPT}</script>
</html>
`;

/** Only the page's own script and style run, it connects to its own server alone, and no text can become markup. */
const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The headers of the page. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-cache',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
};

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
