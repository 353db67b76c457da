/** The page's own style: no fonts, scripts or pictures from elsewhere, so that it can be mailed and printed. */
export const STYLE = `
:root { --ink: #1d2733; --soft: #5b6876; --line: #d9dfe6; --paper: #fff; --shade: #f5f7f9;
  --up: #2e9e5b; --hurt: #e0a100; --down: #d3392f; --agreed: #6b8fd6; --dark: #c3cbd4; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { border-bottom: 2px solid var(--ink); padding-bottom: .75rem; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.1rem; }
p { margin: .35rem 0; }
.soft, small { color: var(--soft); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.tiles li { flex: 1 1 9rem; padding: .7rem .9rem; background: var(--shade); border-radius: .4rem; }
.tiles b { display: block; font-size: 1.35rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-size: .74rem; font-weight: 600; letter-spacing: .03em; text-align: left; color: var(--soft);
  border-bottom: 1px solid var(--ink); padding: .3rem .55rem .3rem 0; vertical-align: bottom; }
td { padding: .38rem .55rem .38rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th.r, td.r { text-align: right; white-space: nowrap; overflow-wrap: normal; }
td.n, code { white-space: nowrap; }
.wide { min-width: 46rem; } .wide td.n { white-space: normal; min-width: 9.2rem; }
.wide .why { min-width: 11rem; }
td.name { font-weight: 600; min-width: 8rem; }
.met { color: #1d7a43; font-weight: 600; }
.missed { color: var(--down); font-weight: 600; }
.bars { margin: 0 0 .9rem; break-inside: avoid; }
.bars div { display: flex; justify-content: space-between; gap: 1rem; margin-bottom: .2rem; }
.bars svg { display: block; width: 100%; height: 26px; }
.axis { display: flex; justify-content: space-between; font-size: .76rem; color: var(--soft); margin-top: -.6rem; }
.up { fill: var(--up); } .hurt { fill: var(--hurt); } .down { fill: var(--down); }
.agreed { fill: var(--agreed); } .dark { fill: var(--dark); } .none { fill: #e9edf1; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: .2rem 0 1rem; padding: 0; list-style: none; font-size: .8rem; color: var(--soft); }
.legend svg { width: 11px; height: 11px; vertical-align: -1px; margin-right: .3rem; }
s { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .4rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
footer { margin-top: 1.6rem; padding-top: .7rem; border-top: 1px solid var(--line); font-size: .8rem; color: var(--soft); }
@media (max-width: 40rem) { body { padding: 1.25rem .9rem 2rem; font-size: 13px; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@page { size: A4; margin: 14mm 13mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { break-after: avoid; } tr, .tiles { break-inside: avoid; } thead { display: table-header-group; }
  .scroll { overflow: visible; } .wide { min-width: 0; } .wide .why { min-width: 9rem; }
}
`
