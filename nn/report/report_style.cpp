#include <gradus/nn/report/colour.hpp>
#include <gradus/nn/report/report_parts.hpp>

namespace gradus::nn::detail {
namespace {

// The colours of curves are those of M. Okabe and K. Ito, lighter on dark ground.
constexpr const char* rules = R"(
:root { color-scheme: light dark;
  --card: #ffffff; --ink: #24292f; --soft: #5a636e; --pale: #e2e5e9;
  --curve-1: #0072b2; --curve-2: #d55e00; --curve-3: #00805e; --curve-4: #b0508a; --curve-5: #a87000; }
@media (prefers-color-scheme: dark) { :root {
  --card: #1c2127; --ink: #e4e8ec; --soft: #a3adb8; --pale: #363d46;
  --curve-1: #56b4e9; --curve-2: #ff8b3d; --curve-3: #2cc79b; --curve-4: #e79bc4; --curve-5: #f0b93a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0 .75rem; }
header span { white-space: nowrap; }
header p, section p, figcaption, caption, dt { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0 0; }
dl div, .panel, pre, .mistake { background: var(--card); border: 1px solid var(--pale); border-radius: .5rem; }
dl div { padding: .6rem .9rem; }
dt { font-size: .85rem; }
dd { margin: 0; font-size: 1.4rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
figure { margin: 0; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: .75rem; }
.panel { padding: .25rem; }
.panel svg { display: block; width: 100%; height: auto; fill: var(--ink); font: 12px system-ui, Helvetica, Arial, sans-serif; }
.wide { overflow-x: auto; padding-bottom: .25rem; }
table { border-collapse: separate; border-spacing: 2px; font-size: .85rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .25rem; }
th { font-weight: 600; padding: .2rem .45rem; text-align: right; white-space: nowrap; max-width: 9rem; overflow: hidden; text-overflow: ellipsis; }
td { padding: .3rem .45rem; text-align: right; border-radius: .2rem; white-space: nowrap; }
.confusion td, .confusion th { text-align: center; min-width: 2.6rem; max-width: none; }
.confusion th[scope=row] { text-align: right; }
.confusion th[scope=row] { position: sticky; left: 0; background: var(--paper); }
.share { background: var(--light); color: var(--letters-light); }
@media (prefers-color-scheme: dark) { .share { background: var(--dark); color: var(--letters-dark); } }
.none, .number { color: var(--soft); }
.list td, .list th { text-align: left; }
.list .number { text-align: right; }
.beside { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
.matrix { width: min(100%, 32rem); border: 1px solid var(--pale); }
img { image-rendering: pixelated; display: block; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .6rem; }
.mistake { padding: .5rem; font-size: .85rem; overflow-wrap: anywhere; }
.mistake img { width: 100%; border-radius: .25rem; margin-bottom: .3rem; }
.mistake b { color: var(--ink); }
.weights { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.5rem, 1fr)); gap: .4rem; }
.weights img { width: 100%; border: 1px solid var(--pale); }
pre { margin: 0; padding: .75rem 1rem; overflow-x: auto; font: .85rem/1.45 ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; }
.command { white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 32rem) {
  .panel svg { font-size: 14px; }
  dd { font-size: 1.15rem; }
  .confusion { font-size: .65rem; border-spacing: 1px; }
  .confusion td, .confusion th { min-width: 1.45rem; padding: .35rem .05rem; }
  .confusion th[scope=row] { padding-right: .25rem; }
}
@media print { .panel, .mistake, tr { break-inside: avoid; } }
)";

}  // namespace

std::string report_style() {
  return ":root { --paper: " + css(light_theme.paper) +
         "; }\n@media (prefers-color-scheme: dark) { :root { --paper: " + css(dark_theme.paper) + "; } }" +
         rules;
}

}  // namespace gradus::nn::detail
