import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

/** Where systems put it; `CHROMIUM` names another place. */
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, or undefined if it has none. */
export const CHROMIUM = [process.env['CHROMIUM'] ?? '', ...PATHS].find((path) => path !== '' && existsSync(path));

/** Without a browser a developer's machine passes the tests over; in CI they fail. */
export const isBrowserDue = CHROMIUM !== undefined || process.env['CI'] !== undefined;

export async function startBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('There is no Chromium: install it, or name it in the variable CHROMIUM.');
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

export interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
}

/** Opens a file, and notes all that the page complains of or asks the network for. */
export async function opened(
  browser: Browser,
  file: string,
  { colorScheme, width }: Look,
): Promise<{ readonly page: Page; readonly complaints: readonly string[]; readonly asked: readonly string[] }> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  const [complaints, asked]: [string[], string[]] = [[], []];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => void complaints.push(String(error)));
  page.on('request', (request) => void asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, complaints, asked };
}
