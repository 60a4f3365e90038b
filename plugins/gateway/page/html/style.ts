/**
 * The look of the page: light or dark as the reader's system has it, from a phone to a wide screen. Colours of text have a
 * contrast of at least 4.5, those of marks and bars of 3, and none carries a meaning alone.
 */
export const STYLE = `
:root { color-scheme: light dark; --page: #f6f4ef; --panel: #fffefb; --line: #dcd7cb; --edge: #8a8477; --text: #211f1b; --muted: #625d53; --accent: #0b62a8; --good: #1c6b34; --busy: #0b62a8; --wait: #8a5200; --bad: #a8281c; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15171b; --panel: #1e2126; --line: #363b43; --edge: #7c838f; --text: #ebe8e1; --muted: #aaa69c; --accent: #6bb5ff; --good: #79cf92; --busy: #6bb5ff; --wait: #f0b860; --bad: #ff9184; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 4rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
h2:focus { outline: none; }
.skip { position: absolute; inset-inline-start: -100rem; }
.skip:focus { inset-inline-start: 0.5rem; top: 0.5rem; z-index: 2; background: var(--panel); padding: 0.4rem 0.8rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.top { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem 1.25rem; padding: 0.5rem max(clamp(0.75rem, 3vw, 2rem), calc(50% - 53rem)); background: var(--panel); border-bottom: 1px solid var(--line); }
.top p { margin: 0; }
.top nav { display: flex; flex-wrap: wrap; gap: 0 0.9rem; }
.top .buttons { margin-inline-start: auto; }
h1 { font-size: 1.15rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 0.6rem; }
h3 { font-size: 0.95rem; margin: 0; overflow-wrap: anywhere; }
.under { margin: 0.9rem 0 0.4rem; }
main { max-width: 110rem; margin: 0 auto; padding: 0 clamp(0.75rem, 3vw, 2rem) 3rem; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.5rem; }
@media (min-width: 64rem) { .columns { grid-template-columns: minmax(0, 1fr) 23rem; } }
.count { color: var(--muted); font-weight: 400; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.note, .model, .figures, .time { color: var(--muted); font-size: 0.85rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.note { margin: 0.2rem 0 0; }
.list .note { display: block; }
ul { list-style: none; margin: 0; padding: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 1.25rem 0 0; }
.cards div, .row, .list:not(:empty), .ended:not(:empty), #access, .answer { background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.6rem 0.8rem; min-width: 0; }
.cards dt { color: var(--muted); font-size: 0.85rem; }
.cards dd { margin: 0; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.cards small { display: block; color: var(--muted); font-size: 0.8rem; font-weight: 400; line-height: 1.35; }
.rows { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 0.75rem; }
.row { display: flex; flex-direction: column; contain: content; }
.row p { margin: 0; }
.row .tail p { margin-block-end: auto; }
.row .time { float: inline-end; font-weight: 400; }
.tail { height: 6.1em; margin: 0.35rem 0; overflow: hidden; display: flex; flex-direction: column; justify-content: flex-end; font-family: Georgia, serif; overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: isolate; }
.wait { color: var(--wait); font-size: 0.88rem; font-variant-numeric: tabular-nums; }
.problem { color: var(--bad); font-size: 0.88rem; overflow-wrap: anywhere; }
.message { margin: 0.2rem 0 0; font-size: 0.88rem; overflow-wrap: anywhere; }
.last { margin: 0.2rem 0 0; font-family: Georgia, serif; font-size: 0.92rem; color: var(--muted); overflow-wrap: anywhere; unicode-bidi: isolate; }
.list:not(:empty), .ended:not(:empty) { padding-block: 0; }
.list li, .ended li { padding: 0.5rem 0; }
.list li + li, .ended li + li { border-top: 1px solid var(--line); }
.chip { font-size: 0.8rem; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; border-radius: 1rem; padding: 0.05rem 0.55rem; color: var(--muted); }
.chip[data-state=writing], .chip[data-state=thinking] { color: var(--busy); }
.chip[data-state=waiting], .chip[data-state=retrying] { color: var(--wait); border-style: dashed; }
.chip[data-state=finished] { color: var(--good); }
.chip[data-state=failed] { color: var(--bad); border-width: 2px; }
#status { font-size: 0.9rem; font-weight: 600; color: var(--muted); }
#status[data-state=live] { color: var(--good); }
#status[data-state=paused] { color: var(--wait); }
#status[data-state=lost] { color: var(--bad); }
.bar { height: 0.75rem; margin: 0.3rem 0 0.1rem; border: 1px solid var(--edge); border-radius: 0.4rem; overflow: hidden; background: var(--page); }
.fill { display: block; height: 100%; background: var(--busy); }
.bar[data-level=high] .fill { background: var(--wait); }
.bar[data-level=full] .fill { background: var(--bad); }
#access { margin-top: 1.25rem; max-width: 34rem; }
#access h2 { margin-top: 0; }
form { display: grid; gap: 0.35rem; }
form p { margin: 0; }
label { font-size: 0.88rem; font-weight: 600; }
input, textarea, button { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--edge); border-radius: 0.35rem; padding: 0.35rem 0.6rem; min-width: 0; max-width: 100%; }
textarea { resize: vertical; }
button { cursor: pointer; background: var(--panel); }
button:hover:not(:disabled) { border-color: var(--accent); }
button:disabled { color: var(--muted); cursor: default; border-style: dashed; }
button[aria-pressed=true] { border-color: var(--wait); box-shadow: inset 0 0 0 1px var(--wait); }
.answer { margin-top: 0.6rem; max-height: 24rem; min-height: 3rem; overflow-y: auto; font-family: Georgia, serif; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } .fill { transition: inline-size 0.25s linear; } }
@media (max-width: 40rem) { .cards { grid-template-columns: 1fr 1fr; } .top { position: static; } html { scroll-padding-top: 0; } }
@media (forced-colors: active) { .fill { background: Highlight; forced-color-adjust: none; } }
`;
