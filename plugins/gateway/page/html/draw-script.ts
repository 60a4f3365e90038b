/** Draws the state of the page. Only rows that have changed are touched. */
export const DRAW = String.raw`
const TAIL = 400;
const state = { at: 0, receivedAt: 0, tally: undefined, order: [], rows: new Map(), ended: [], totals: undefined, errors: [], parts: [], budgets: [], breakers: [], keys: [], runs: undefined };
const serverNow = () => state.at + performance.now() - state.receivedAt;
const STATES = {
  starting: ['◌', 'Starting'], thinking: ['…', 'Thinking'], writing: ['▶', 'Writing'], waiting: ['‖', 'Waiting'],
  retrying: ['↻', 'Retrying'], finished: ['✓', 'Finished'], failed: ['✕', 'Failed'], cancelled: ['–', 'Cancelled'],
};
const REASONS = {
  'rate-limit': 'the rate limit', quota: 'the vendor’s quota', breaker: 'a circuit breaker', slot: 'a free slot',
  budget: 'the budget', 'retry-budget': 'the retry budget', store: 'a shared store', retry: 'the next attempt',
};
function stateChip() {
  const [mark, word] = [make('span', 'mark'), make('span')];
  mark.setAttribute('aria-hidden', 'true');
  const chip = make('span', 'chip', mark, ' ', word);
  return { chip, show: (name) => { const [sign, text] = STATES[name]; if (chip.dataset.state !== name) chip.dataset.state = name; setText(mark, sign); setText(word, text); } };
}
/** A chip that does not change. */
function markedChip(mark, word, look) {
  const sign = make('span', 'mark', mark);
  sign.setAttribute('aria-hidden', 'true');
  const chip = make('span', 'chip', sign, ' ', word);
  chip.dataset.state = look;
  return chip;
}
const titleOf = ({ labels, model, id }) => named(labels) || model || id;
const modelOf = ({ model, provider }) => model === undefined ? '' : model + (provider ? ' by ' + provider : '');
const costOf = ({ usd, isEstimate }) => (isEstimate ? '≈ ' : '') + money(usd);
function figuresOf({ facts, words, pace }) {
  return [
    words > 0 && (facts.isJoined ? '+ ' : '') + plural(words, 'word'), facts.state === 'writing' && tokensPerSecond(pace), facts.usd > 0 && costOf(facts),
    facts.segments > 1 && 'segment ' + facts.segments, facts.attempts > 1 && 'attempt ' + facts.attempts,
    facts.restarts > 0 && 'begun again ' + (facts.restarts === 1 ? 'once' : facts.restarts + ' times'),
    facts.isJoined && 'begun before the gateway',
  ].filter(Boolean).join(' · ');
}
const whenOf = (untilMs) => untilMs === undefined ? '' : ', ' + duration(untilMs - serverNow()) + ' (until ' + clockTime(untilMs) + ')';
function waitOf({ waitsFor, untilMs }) {
  return waitsFor === undefined ? '' : 'Waits for ' + (REASONS[waitsFor] || waitsFor) + whenOf(untilMs);
}
function newRow() {
  const { chip, show } = stateChip();
  const parts = { title: make('bdi'), time: make('span', 'time'), model: make('p', 'model'), text: make('p'), figures: make('p', 'figures'), wait: make('p', 'wait'), problem: make('p', 'problem') };
  parts.text.dir = 'auto';
  parts.tail = make('div', 'tail', parts.text);
  const node = make('li', 'row', make('h3', '', chip, ' ', parts.title, ' ', parts.time), parts.model, parts.tail, parts.figures, parts.wait, parts.problem);
  return { node, show, parts, facts: undefined, text: '', words: 0, pace: 0, isChanged: true };
}
function drawTimes({ parts, facts }) {
  setText(parts.time, duration(serverNow() - facts.since));
  setText(parts.wait, waitOf(facts));
  setHidden(parts.wait, facts.waitsFor === undefined);
}
function drawRow(row) {
  const { parts, facts } = row;
  row.show(facts.state);
  setText(parts.title, titleOf(facts));
  setText(parts.model, modelOf(facts));
  setText(parts.text, row.text);
  setHidden(parts.tail, row.text === '');
  setText(parts.figures, figuresOf(row));
  setHidden(parts.model, facts.model === undefined);
  setText(parts.problem, facts.problem === undefined ? '' : 'Last failure: ' + facts.problem);
  setHidden(parts.problem, facts.problem === undefined);
  drawTimes(row);
  row.isChanged = false;
}
/** Puts nodes in their order, and moves only those that stand elsewhere. */
function arrange(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  let place = list.firstElementChild;
  for (const node of nodes) if (node === place) place = place.nextElementSibling; else list.insertBefore(node, place);
}
function drawRows() {
  const rows = state.order.map((id) => state.rows.get(id)).filter((row) => row !== undefined && row.facts !== undefined);
  for (const row of rows) if (row.isChanged) drawRow(row);
  arrange($('rows'), rows.map(({ node }) => node));
  const live = state.tally === undefined ? 0 : state.tally.live;
  const more = live - rows.length;
  setText($('live-count'), live === 0 ? '' : count(live));
  setText($('rows-note'), more > 0 ? count(more) + ' more are running and not drawn.' : live === 0 ? 'No generation is running.' : '');
}
function card(title, value, note) {
  return make('div', '', make('dt', '', title), make('dd', '', value, make('small', '', note)));
}
function drawTotals() {
  const { totals, tally } = state;
  if (totals === undefined || tally === undefined) return;
  const { requests, successful, failed, cancelled, usd, estimatedUsd, unmeasuredAttempts } = totals;
  const { writing = 0, waiting = 0, retrying = 0 } = tally.states;
  $('totals').replaceChildren(
    card('Live', count(tally.live), writing + ' writing, ' + (waiting + retrying) + ' waiting'),
    card('Tokens per second', '≈ ' + count(Math.round(tally.pace / 4)), 'all generations together'),
    card('Ended', count(requests), requests === 0 ? 'none so far' : Math.floor(successful / requests * 1000) / 10 + '% succeeded, ' + count(failed) + ' failed, ' + count(cancelled) + ' cancelled'),
    card('Spent', money(usd), unmeasuredAttempts > 0 ? plural(unmeasuredAttempts, 'attempt') + ' of unknown cost' : estimatedUsd > 0 ? money(estimatedUsd) + ' of it estimated' : 'as the vendors report it'),
    card('Tokens', count(totals.promptTokens + totals.completionTokens), count(totals.promptTokens) + ' prompt, ' + count(totals.completionTokens) + ' completion'),
    card('Retries', count(totals.retries), totals.firstTokenMs > 0 ? 'first token: median ' + (totals.firstTokenMs < 1000 ? Math.round(totals.firstTokenMs) + ' ms' : duration(totals.firstTokenMs)) : 'attempts after the first'),
  );
}
/** Fills a list; its note shows only while the list is empty. */
function drawList(name, nodes) {
  $(name + '-rows').replaceChildren(...nodes);
  setHidden($(name + '-note'), nodes.length > 0);
}
function drawQueues() {
  drawList('queue', (state.tally === undefined ? [] : state.tally.queues).map(({ reason, waiting, untilMs }) =>
    make('li', '', make('strong', '', count(waiting)), ' for ' + (REASONS[reason] || reason), make('span', 'note', untilMs === undefined ? '' : 'the next' + whenOf(untilMs)))));
}
`;
