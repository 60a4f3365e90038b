/** Reads the feed, keeps the state that it describes, and draws in the browser's own frames. */
export const FEED = String.raw`
const MOST_ENDED = 20;
const DRAWN = { tally: [drawTotals, drawQueues, drawRows], order: [drawRows], rows: [drawRows], totals: [drawTotals], errors: [drawErrors], parts: [drawParts], budgets: [drawBudgets], breakers: [drawBreakers], keys: [drawKeys], runs: [drawRuns], ended: [drawEnded] };
const due = new Set();
let isPaused = false;
let isFrameDue = false;
function draw() {
  isFrameDue = false;
  if (isPaused) return;
  const now = [...due];
  due.clear();
  for (const each of now) each();
}
function drawSoon() {
  if (isFrameDue || isPaused) return;
  isFrameDue = true;
  requestAnimationFrame(draw);
}
function applyRow({ id, facts, text, add, words, pace }) {
  let row = state.rows.get(id);
  if (row === undefined) state.rows.set(id, (row = newRow()));
  if (facts !== undefined) row.facts = facts;
  if (text !== undefined) row.text = text;
  if (add !== undefined) row.text = (row.text + add).slice(-TAIL);
  if (words !== undefined) row.words = words;
  if (pace !== undefined) row.pace = pace;
  row.isChanged = true;
}
function apply({ at, rows = [], order, ended = [], ...sections }) {
  state.at = at;
  state.receivedAt = performance.now();
  rows.forEach(applyRow);
  if (order !== undefined) {
    state.order = order;
    const wanted = new Set(order);
    for (const id of state.rows.keys()) if (!wanted.has(id)) state.rows.delete(id);
  }
  state.ended = [...state.ended, ...ended].slice(-MOST_ENDED);
  Object.assign(state, sections);
  const names = [...Object.keys(sections), ...(rows.length > 0 ? ['rows'] : []), ...(order ? ['order'] : []), ...(ended.length > 0 ? ['ended'] : [])];
  for (const each of names.flatMap((name) => DRAWN[name] || [])) due.add(each);
  drawSoon();
}
function forget() {
  state.rows.clear();
  Object.assign(state, { order: [], ended: [], tally: undefined, runs: undefined });
  due.add(drawRuns);
}
const SIGNS = { live: '●', paused: '‖', off: '○', lost: '✕' };
let connection = 'off';
function showStatus(name, words) {
  connection = name;
  const shown = name === 'live' && isPaused ? 'paused' : name;
  $('status').dataset.state = shown;
  setText($('status').querySelector('.mark'), SIGNS[shown]);
  setText($('status-text'), shown === 'paused' ? 'Paused' : words);
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const SILENCE_MS = 60000;
let current = new AbortController();
/** One connection, to its end. Returns whether anything came. */
async function watchOnce() {
  const control = (current = new AbortController());
  let timer = setTimeout(() => control.abort(), SILENCE_MS);
  const alive = () => { clearTimeout(timer); timer = setTimeout(() => control.abort(), SILENCE_MS); };
  try {
    const response = await ask('events', { signal: control.signal });
    if (response.status === 401) { askForKey(await problemOf(response)); return 'refused'; }
    if (response.status === 403) { showRefusal(await problemOf(response)); return 'refused'; }
    if (!response.ok) { showStatus('lost', await problemOf(response)); return 'failed'; }
    forget();
    showStatus('live', 'Live');
    setHidden($('access'), true);
    setHidden($('refusal'), true);
    showFeed(true);
    setHidden($('forget'), accessKey === null);
    for await (const data of eventsOf(response, alive)) apply(JSON.parse(data));
    return 'ended';
  } finally {
    clearTimeout(timer);
  }
}
async function watch() {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
    const outcome = await watchOnce().catch(() => 'failed');
    if (outcome === 'refused') return;
    if (connection === 'live') wait = 1000;
    if (connection !== 'lost' || outcome === 'ended') showStatus('lost', 'Connection lost. Trying again …');
    await pause(wait);
  }
}
function showFeed(isShown) {
  for (const element of document.querySelectorAll('.feed')) setHidden(element, !isShown);
}
/** Another key may be allowed to watch; this one still opens the playground. */
function showRefusal(problem) {
  showStatus('off', 'Not allowed to watch');
  setText($('refusal'), problem);
  showFeed(false);
  setHidden($('refusal'), false);
  setHidden($('access'), true);
  setHidden($('forget'), accessKey === null);
}
function askForKey(problem) {
  showStatus('off', 'Needs a key');
  setText($('key-problem'), accessKey === null ? '' : problem);
  useKey(null);
  setHidden($('forget'), true);
  setHidden($('access'), false);
  $('key').focus();
}
$('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  useKey($('key').value.trim());
  $('key').value = '';
  void watch();
});
$('forget').addEventListener('click', () => { useKey(null); location.reload(); });
$('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  $('pause').setAttribute('aria-pressed', String(isPaused));
  showStatus(connection, 'Live');
  if (!isPaused) drawSoon();
});
setInterval(() => {
  if (isPaused || document.hidden || connection !== 'live') return;
  for (const row of state.rows.values()) if (row.facts !== undefined) drawTimes(row);
  drawQueues();
  drawBreakers();
}, 1000);
void watch();
`;
