/** Draws the runs, where the gateway has a source of them. */
export const RUNS = String.raw`
const RUN_STATES = {
  running: ['▶', 'Running', 'writing'], paused: ['‖', 'Paused', 'waiting'], waiting: ['‖', 'Waiting', 'waiting'],
  finished: ['✓', 'Finished', 'finished'], failed: ['✕', 'Failed', 'failed'], cancelled: ['–', 'Cancelled', 'cancelled'],
};
function runNode({ name, state: word, items, words, tokens, costUsd, budgetUsd, until }) {
  const [mark, text, look] = RUN_STATES[word] || ['·', word, ''];
  const { done, total, failed, parked } = items;
  const share = total > 0 ? done / total : 0;
  const figures = [
    count(done) + ' of ' + plural(total, 'item'), failed > 0 && count(failed) + ' failed', parked > 0 && count(parked) + ' parked',
    words > 0 && plural(words, 'word'), tokens > 0 && plural(tokens, 'token'), budgetUsd === undefined && costUsd > 0 && money(costUsd),
  ].filter(Boolean).join(' · ');
  const budget = budgetUsd > 0 ? [bar(costUsd / budgetUsd, name + ', budget'), make('span', 'note', money(costUsd) + ' of ' + money(budgetUsd))] : [];
  const wait = until === undefined ? [] : [make('span', 'wait', 'Waits' + whenOf(until))];
  return make('li', '', markedChip(mark, text, look), ' ', make('strong', '', make('bdi', '', name)), bar(share, name + ', items', 'low'), make('span', 'note', figures), ...budget, ...wait);
}
function drawRuns() {
  const { runs } = state;
  for (const id of ['runs-section', 'runs-link']) setHidden($(id), runs === undefined);
  if (runs === undefined) return;
  drawList('run', Array.isArray(runs) ? runs.map(runNode) : [make('li', 'problem', 'Not known: ' + runs.problem)]);
}
`;
