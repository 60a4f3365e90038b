/** The look of the page: light or dark as the reader's system has it, narrow or wide. All colours of text have a contrast of at least 4.5, those of charts of 3. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f6f4ef; --panel: #fffefb; --line: #dcd7cb; --text: #211f1b; --muted: #625d53; --one: #0b62a8; --two: #c04f08; --three: #6a3d9a; --grid: #e7e2d7; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15171b; --panel: #1e2126; --line: #363b43; --text: #ebe8e1; --muted: #aaa69c; --one: #6bb5ff; --two: #ffab6b; --three: #cba6ff; --grid: #2c3037; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 80rem; margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2rem) 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.6rem; overflow-wrap: anywhere; }
.note { color: var(--muted); margin: 0.3rem 0 0; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 0.75rem; margin: 1.25rem 0 0; padding: 0; }
.cards div { background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.7rem 0.9rem; }
.cards dt { color: var(--muted); font-size: 0.85rem; }
.cards dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.cards dd small { display: block; color: var(--muted); font-size: 0.8rem; font-weight: 400; line-height: 1.35; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 0.75rem; margin-top: 0.75rem; }
figure { margin: 0; min-width: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.7rem 0.9rem 0.5rem; }
figcaption { font-weight: 600; }
figcaption small { display: block; font-weight: 400; color: var(--muted); font-size: 0.8rem; }
.plot { margin-top: 0.4rem; min-height: 15rem; }
.uplot, .uplot *, .uplot *::before, .uplot *::after { font-family: inherit; }
.u-legend { text-align: left; font-size: 0.8rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.u-legend .u-series:first-child { display: block; }
.u-legend .u-series:first-child .u-marker { display: none; }
.u-legend .u-marker { width: 1.1em; height: 0.7em; border-radius: 2px; }
.u-legend .u-series > * { padding: 1px 4px; }
.u-hz .u-cursor-x, .u-hz .u-cursor-y { border-color: var(--muted); }
.scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--one); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
.scroll th, .scroll td { padding: 0.4rem 0.55rem; white-space: nowrap; text-align: right; }
.scroll th:not(.figure) { text-align: left; }
.scroll thead th { color: var(--muted); font-weight: 500; border-bottom: 1px solid var(--line); }
.scroll tbody th { font-weight: 500; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
.scroll th:first-child { position: sticky; left: 0; background: var(--panel); }
.scroll tbody tr + tr > * { border-top: 1px solid var(--grid); }
details { margin-top: 0.75rem; }
summary { cursor: pointer; color: var(--muted); padding: 0.3rem 0; }
footer { margin-top: 2.5rem; color: var(--muted); font-size: 0.8rem; }
@media (max-width: 70rem) { .cards { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 40rem) { .cards { grid-template-columns: 1fr 1fr; } .scroll tbody th { max-width: 11rem; } .scroll th, .scroll td { padding: 0.4rem 0.55rem; } }
`;
