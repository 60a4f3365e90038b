/** Draws the sections that change slowly: budgets, errors, parts, ended generations. */
export const SECTIONS = String.raw`
function bar(share, label, level = share >= 1 ? 'full' : share >= 0.8 ? 'high' : 'low') {
  const fill = make('span', 'fill');
  const full = Math.min(1, share);
  fill.style.inlineSize = full * 100 + '%';
  const meter = make('div', 'bar', fill);
  meter.dataset.level = level;
  meter.setAttribute('role', 'meter');
  meter.setAttribute('aria-label', label);
  meter.setAttribute('aria-valuemin', '0');
  meter.setAttribute('aria-valuemax', '100');
  meter.setAttribute('aria-valuenow', String(Math.round(full * 100)));
  return meter;
}
const UNITS = { usd: money, tokens: (value) => plural(value, 'token') };
function budgetNode({ scope, label, labelValue, account, period, limit, spent, reserved }) {
  const name = scope === 'label' ? label + ' ' + labelValue : scope === 'account' ? account + ', ' + period : scope === 'day' ? 'Today' : 'This process';
  const lines = ['usd', 'tokens'].filter((unit) => limit[unit] > 0).flatMap((unit) => {
    const share = (spent[unit] + reserved[unit]) / limit[unit];
    const percent = share > 0 && share < 0.01 ? '< 1' : Math.floor(share * 100);
    const words = percent + '%' + (share >= 1 ? ', used up' : share >= 0.8 ? ', nearly used up' : '') + ': ' +
      UNITS[unit](spent[unit]) + ' of ' + UNITS[unit](limit[unit]) + (reserved[unit] > 0 ? ', ' + UNITS[unit](reserved[unit]) + ' reserved' : '');
    return [bar(share, name + ', ' + unit), make('span', 'note', words)];
  });
  const unlimited = make('span', 'note', money(spent.usd) + ' spent, no limit configured');
  return make('li', '', make('strong', '', make('bdi', '', name)), ...(lines.length > 0 ? lines : [unlimited]));
}
function drawBudgets() {
  const { budgets } = state;
  const isKnown = Array.isArray(budgets);
  drawList('budget', isKnown ? budgets.map(budgetNode) : [make('li', 'problem', 'Not known: ' + budgets.problem)]);
}
function drawErrors() {
  drawList('error', state.errors.map(({ at, model, code, message }) =>
    make('li', '', make('strong', '', code), ' ', make('span', 'time', clockTime(Date.parse(at))), make('bdi', 'note', model), make('p', 'message', message))));
}
function drawParts() {
  drawList('part', state.parts.map(({ name, replacedBy, answered, failed, late, lastFailure }) => {
    const isIll = failed + late > 0;
    const counts = count(answered) + ' answered, ' + count(failed) + ' failed, ' + count(late) + ' late';
    const chip = make('span', 'chip', isIll ? '✕ troubled' : '✓ sound');
    chip.dataset.state = isIll ? 'failed' : 'finished';
    return make('li', '', chip, ' ', make('strong', '', name),
      make('span', 'note', counts + (replacedBy === undefined ? '' : '; by ' + replacedBy)), ...(lastFailure === undefined ? [] : [make('p', 'message', lastFailure)]));
  }));
}
const OUTCOMES = { stop: '', length: 'cut by its token cap', 'content-filter': 'cut by a content filter', 'tool-calls': 'ended with tool calls', other: 'ended for another reason' };
function endedNode({ facts, text, words }) {
  const { chip, show } = stateChip();
  show(facts.state);
  const ending = facts.state === 'failed' ? facts.problem : OUTCOMES[facts.finishReason] || '';
  const tail = make('p', 'last', text.length > 160 ? '… ' + text.slice(-160).replace(/^\S*\s+/, '') : text);
  tail.dir = 'auto';
  return make('li', '', chip, ' ', make('strong', '', make('bdi', '', titleOf(facts))), ' ',
    make('span', 'note', [figuresOf({ facts, words, pace: 0 }), duration(facts.endedAt - facts.since)].filter(Boolean).join(' · ')),
    ...(ending ? [make('p', 'message', ending)] : []), ...(text === '' ? [] : [tail]));
}
function drawEnded() {
  drawList('ended', state.ended.toReversed().map(endedNode));
}
`;
