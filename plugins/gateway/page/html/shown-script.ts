/** Formats, elements and server-sent events, for the other parts of the page's script. All text goes in as text. */
export const SHOWN = String.raw`
const $ = (id) => document.getElementById(id);
const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
};
/** Writes only what differs, so that nothing is laid out in vain. */
const setText = (element, text) => { if (element.shown !== text) { element.shown = text; element.textContent = text; } };
const setHidden = (element, isHidden) => { if (element.hidden !== isHidden) element.hidden = isHidden; };
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const count = (value) => value < 100000 ? whole.format(value) : compact.format(value);
const plural = (value, word) => count(value) + ' ' + word + (value === 1 ? '' : 's');
const money = (usd) => usd === 0 ? '$0' : usd < 0.000001 ? '< $0.000001' : '$' + (usd >= 1000 ? compact.format(usd) : usd >= 1 ? usd.toFixed(2) : usd.toFixed(usd >= 0.01 ? 4 : 6));
const duration = (ms) => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return seconds + ' s';
  if (seconds < 3600) return Math.floor(seconds / 60) + ' min ' + seconds % 60 + ' s';
  return Math.floor(seconds / 3600) + ' h ' + Math.floor(seconds % 3600 / 60) + ' min';
};
const clockTime = (at) => new Date(at).toLocaleTimeString(undefined, { hour12: false });
/** Vendors count tokens, the wire has characters: about four of them are a token. */
const tokensPerSecond = (pace) => '≈ ' + count(Math.round(pace / 4)) + ' tokens/s';
const named = (labels) => Object.entries(labels).map(([name, value]) => name + ' ' + value).join(', ');
/** The data of each event of an answer. onBytes runs for comments, too. */
async function* eventsOf(response, onBytes = () => undefined) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onBytes();
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
      if (data !== '') yield data;
    }
  }
}
/** The sentence of an error answer, whoever wrote it. */
async function problemOf(response) {
  try {
    const { error } = JSON.parse(await response.text());
    if (typeof error.message === 'string') return error.message;
  } catch {}
  return 'The gateway answered ' + response.status + '.';
}
/** Addresses are relative to the page, wherever the gateway is mounted. */
const base = location.pathname.endsWith('/') ? location.pathname : location.pathname + '/';
const KEY = 'scriptorium-key';
const stored = { get: () => { try { return sessionStorage.getItem(KEY); } catch { return null; } }, set: (value) => { try { value === null ? sessionStorage.removeItem(KEY) : sessionStorage.setItem(KEY, value); } catch {} } };
let accessKey = stored.get();
const useKey = (value) => { accessKey = value; stored.set(value); };
const ask = (path, { headers = {}, ...options } = {}) => fetch(base + path, {
  ...options, cache: 'no-store', headers: { ...headers, ...(accessKey !== null && { authorization: 'Bearer ' + accessKey }) },
});
`;
