#pragma once

#include <string_view>

namespace mezzotint {

/// The look of a report: one column, light or dark as the reader's system is, printable. Samples
/// are small, so pictures are enlarged with hard pixel edges rather than blurred.
inline constexpr std::string_view kReportStyle = R"css(
:root { color-scheme: light dark;
  --paper: #fbfaf7; --ink: #1d1c1a; --soft: #6b675f; --line: #ddd8cd; --card: #ffffff; --accent: #8a3b12; --good: #2c6e3f; --bad: #a3262a; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #171614; --ink: #ebe7df; --soft: #a39d92; --line: #37342f; --card: #211f1c; --accent: #e59a6c; --good: #86c796; --bad: #f0918d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
.lead { color: var(--soft); font-size: 1.08rem; margin: .5rem 0 0; }
section { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: 1.5rem; }
p { margin: .4rem 0; max-width: 44rem; }
.pictures { display: grid; gap: 1rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); }
figure { margin: 0; min-width: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; padding: .75rem; }
figure img { display: block; width: 100%; max-height: 46rem; object-fit: contain; image-rendering: pixelated; }
img[src^="data:image/svg"], img[src^="data:image/jpeg"] { image-rendering: auto; }
figure.long { flex-basis: 100%; }
.shifted { overflow-x: auto; }
figure.long img { width: auto; max-width: max(100%, 44rem); image-rendering: auto; }
@media (prefers-color-scheme: dark) { img[src^="data:image/svg"] { filter: invert(.87) hue-rotate(180deg); } }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .6rem; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem 1.25rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--accent);
  border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; user-select: all;
  font: .9rem/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.links { list-style: none; margin: .5rem 0; padding: 0; color: var(--soft); font-size: .95rem; }
.links li { margin: .25rem 0; }
a { color: var(--accent); }
.state { margin-top: 1.25rem; padding: .7rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-left: 4px solid var(--soft); border-radius: 6px; font-variant-numeric: tabular-nums; }
.state p { margin: 0; max-width: none; overflow-wrap: anywhere; }
.state strong { color: var(--soft); }
.state[data-state="running"], .state[data-state="running"] strong { border-left-color: var(--accent); color: var(--accent); }
.state[data-state="done"], .state[data-state="done"] strong { border-left-color: var(--good); color: var(--good); }
.state[data-state="failed"], .state[data-state="failed"] strong { border-left-color: var(--bad); color: var(--bad); }
.state[data-state] p { color: var(--ink); }
.state .when { color: var(--soft); white-space: nowrap; }
.state .silent { color: var(--bad); margin-top: .3rem; }
progress { display: block; width: 100%; height: 6px; margin-top: .55rem; border: 0; border-radius: 3px; overflow: hidden;
  appearance: none; background: var(--line); accent-color: var(--accent); }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: currentColor; border-radius: 3px; }
progress::-moz-progress-bar { background: currentColor; }
.timeline { margin: 1rem 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; }
.film { display: flex; gap: .75rem; overflow-x: auto; }
.frame { flex: 0 0 min(26rem, 80vw); border: 0; padding: 0; background: none; }
.player .film { display: block; }
.player .frame figcaption { display: none; }
.pair { display: flex; flex-wrap: wrap; gap: .75rem; }
.pair > div { flex: 1 1 18rem; min-width: 0; }
.pair .name { color: var(--soft); font-size: .85rem; margin: 0 0 .3rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .8rem; margin-bottom: .75rem; }
.bar[hidden], .frame[hidden] { display: none; }
.bar input { flex: 1 1 12rem; min-width: 0; margin: 0; accent-color: var(--accent); }
.bar output { min-width: 17em; text-align: right; color: var(--soft); font-size: .95rem; font-variant-numeric: tabular-nums; }
.bar button { font: inherit; min-width: 5em; padding: .3rem .9rem; color: var(--ink); background: var(--paper);
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
.bar button:hover { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 36rem) { body { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
  .bar output { min-width: 0; flex-basis: 100%; text-align: left; } figure { flex-basis: 100%; } }
@media print { body { padding: 0; } section, figure { break-inside: avoid; } }
)css";

}  // namespace mezzotint
