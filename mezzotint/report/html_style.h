#pragma once

#include <string_view>

namespace mezzotint {

/// The look of a report: one column, light or dark as the reader's system is, printable. Samples
/// are small, so pictures are enlarged with hard pixel edges rather than blurred.
inline constexpr std::string_view kReportStyle = R"css(
:root { color-scheme: light dark;
  --paper: #fbfaf7; --ink: #1d1c1a; --soft: #6b675f; --line: #ddd8cd; --card: #ffffff; --accent: #8a3b12; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #171614; --ink: #ebe7df; --soft: #a39d92; --line: #37342f; --card: #211f1c; --accent: #e59a6c; } }
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
figcaption { color: var(--soft); font-size: .9rem; margin-top: .6rem; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem 1.25rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--accent);
  border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; user-select: all;
  font: .9rem/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media print { body { padding: 0; } section, figure { break-inside: avoid; } }
)css";

}  // namespace mezzotint
