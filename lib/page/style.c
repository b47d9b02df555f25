/* style.c - the style sheet of a report. Colours are variables; charts take theirs from the same ones. */
#include "lib/page/style.h"

#include <stddef.h>

/* clang-format off */
const char *const page_style[] = {
	/* ink on paper; the four colours of series differ in lightness too, for eyes that see few colours */
	":root{color-scheme:light dark;"
	"--paper:#fff;--wash:#f6f6f4;--ink:#1d1e20;--soft:#5f6268;--line:#dcdcd8;--faint:#ececea;"
	"--one:#2a62c4;--two:#c8650c;--three:#0f7f75;--four:#a13f8f;"
	"--good:#1a7a4c;--bad:#bf3029;--warn:#8f5d07;"
	"--good-wash:#e9f4ee;--bad-wash:#fbecea;--warn-wash:#faf2e1;--plain-wash:#f3f3f1;--one-wash:#e8eefa}"
	"@media (prefers-color-scheme:dark){:root{"
	"--paper:#16181b;--wash:#1e2125;--ink:#e7e5e0;--soft:#9fa3aa;--line:#3a3e44;--faint:#2a2d32;"
	"--one:#7fa8f5;--two:#eea25c;--three:#56c2b4;--four:#d98bc9;"
	"--good:#58c48c;--bad:#f58078;--warn:#dfb156;"
	"--good-wash:#17291f;--bad-wash:#331d1c;--warn-wash:#2f2614;--plain-wash:#212429;--one-wash:#1d2a42}}"
	"*{box-sizing:border-box}"
	"html{-webkit-text-size-adjust:100%}"
	"body{margin:0;background:var(--paper);color:var(--ink);"
	"font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}"
	"body>*{max-width:70rem;margin-left:auto;margin-right:auto;padding:0 1.5rem}"
	"code,.ref{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace;"
	"font-size:.92em;overflow-wrap:anywhere}"
	"td code{white-space:nowrap}"
	"a{color:inherit}",
	/* the head of the page */
	".top{padding-top:2.5rem}"
	".eyebrow{margin:0;font-size:.78rem;letter-spacing:.09em;text-transform:uppercase;color:var(--soft)}"
	"h1{margin:.1rem 0 .5rem;font-size:2.15rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;"
	"overflow-wrap:anywhere}"
	"h1 .rev{color:var(--soft);font-weight:400}"
	".byline{margin:0;color:var(--soft);font-size:.92rem}"
	".byline span:not(:last-child)::after{content:'\\b7';padding:0 .5em}"
	".chips{margin:.6rem 0 0;display:flex;flex-wrap:wrap;gap:.4rem}"
	".chip{padding:.1rem .6rem;border:1px solid var(--line);border-radius:1rem;font-size:.85rem}"
	".chip.warn{border-color:var(--warn);color:var(--warn)}"
	".chip.good{border-color:var(--good);color:var(--good)}"
	".verdict{margin:1.25rem 0 0;padding:.8rem 1.1rem;border-radius:8px;background:var(--plain-wash)}"
	".verdict.good{background:var(--good-wash)}.verdict.bad{background:var(--bad-wash)}"
	".verdict.warn{background:var(--warn-wash)}"
	".verdict p{margin:0}.verdict .say{font-size:1.1rem;font-weight:600}"
	".verdict .say .mark{font-weight:600;color:inherit}"
	".verdict .detail{margin:.15rem 0 0 1.75rem;color:var(--ink);overflow-wrap:anywhere}",
	/* tiles */
	".tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:1rem 1.5rem;"
	"padding-top:1.5rem}"
	".tile{border-top:2px solid var(--line);padding-top:.55rem}"
	".tile:first-child{border-top-color:var(--one)}"
	".tile p{margin:0}"
	".tile .label{font-size:.85rem;color:var(--soft)}"
	".tile .value{font-size:1.7rem;line-height:1.25;font-weight:600;letter-spacing:-.01em}"
	".tile .aside{font-size:.82rem;color:var(--soft)}",
	/* contents */
	"nav{padding-top:1.75rem}"
	"nav ul{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:.92rem}"
	"nav a{color:var(--soft);text-decoration:none}nav a:hover{color:var(--ink);text-decoration:underline}",
	/* sections */
	"section{padding-top:2.25rem}"
	"h2{margin:0 0 .9rem;padding-bottom:.35rem;border-bottom:1px solid var(--line);font-size:1.25rem;"
	"font-weight:650;letter-spacing:-.01em}"
	"h3{margin:0 0 .4rem;font-size:1rem;font-weight:600}"
	"section p{margin:.4rem 0 .8rem;max-width:46rem}"
	".soft,.none{color:var(--soft)}"
	".columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.75rem 2.5rem}"
	".columns>*{min-width:0}",
	/* tables */
	".scroll{overflow-x:auto;max-width:100%}"
	".tall{max-height:32rem;overflow-y:auto}"
	"table{border-collapse:collapse;min-width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}"
	"th,td{padding:.34rem .9rem .34rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--faint)}"
	"th:last-child,td:last-child{padding-right:0}"
	"td.say{min-width:13rem}td.name{white-space:nowrap}"
	"thead th{font-weight:500;font-size:.82rem;color:var(--soft);border-bottom-color:var(--line);white-space:nowrap}"
	".tall thead th{position:sticky;top:0;background:var(--paper)}"
	"tbody th{font-weight:400}"
	".pairs tbody th{color:var(--soft);white-space:nowrap}"
	".pairs td{overflow-wrap:anywhere;min-width:10rem}.pairs td.n{text-align:left}"
	".n{text-align:right;white-space:nowrap}"
	"tr.strong td,tr.strong th{font-weight:600}",
	/* marks */
	".mark{white-space:nowrap;color:var(--soft)}"
	".mark svg{width:1.15em;height:1.15em;margin-right:.45em;vertical-align:-.2em}"
	".mark circle{fill:var(--soft)}.mark path{fill:none;stroke:var(--paper);stroke-width:1.8;"
	"stroke-linecap:round;stroke-linejoin:round}"
	".mark.good{color:var(--good)}.mark.good circle{fill:var(--good)}"
	".mark.bad{color:var(--bad)}.mark.bad circle{fill:var(--bad)}"
	".mark.warn{color:var(--warn)}.mark.warn circle{fill:var(--warn)}"
	"blockquote{margin:0 0 1rem;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--line);"
	"white-space:pre-line;overflow-wrap:anywhere}"
	"blockquote p{margin:0}blockquote footer{padding:0;margin:0;color:var(--soft);font-size:.85rem}",
	/* the picture of the lineage */
	"svg text{fill:var(--ink);font-size:12.5px}"
	".lineage{display:block}"
	".lineage .edge{fill:none;stroke:var(--line);stroke-width:1.5}"
	".lineage rect{fill:var(--wash);stroke:var(--line)}"
	".lineage .kind{fill:var(--soft);font-size:11px}"
	".lineage .self rect{fill:var(--one-wash);stroke:var(--one);stroke-width:1.5}"
	".lineage .self .name{font-weight:600}"
	".lineage .bad rect{stroke:var(--warn);stroke-dasharray:4 3}"
	"body>footer{margin-top:3rem;padding-top:1rem;padding-bottom:2.5rem;color:var(--soft);font-size:.85rem;"
	"overflow-wrap:anywhere}",
	"@media (max-width:480px){body{font-size:15px}body>*{padding-left:1rem;padding-right:1rem}"
	".top{padding-top:1.5rem}h1{font-size:1.65rem}"
	".tiles{grid-template-columns:repeat(2,1fr);gap:.9rem 1rem}.tile .value{font-size:1.45rem}"
	"section{padding-top:1.75rem}}",
	"@media print{:root{--paper:#fff;--wash:#f6f6f4;--ink:#000;--soft:#444;--line:#bbb;--faint:#ddd;"
	"--one:#2a62c4;--two:#c8650c;--three:#0f7f75;--four:#a13f8f;--good:#1a7a4c;--bad:#bf3029;--warn:#8f5d07;"
	"--good-wash:#fff;--bad-wash:#fff;--warn-wash:#fff;--plain-wash:#fff;--one-wash:#e8eefa}"
	"body{font-size:10.5pt}body>*{max-width:none;padding:0}nav{display:none}"
	".scroll,.tall{overflow:visible;max-height:none}"
	"figure,tr,.tile,.verdict,blockquote{break-inside:avoid}h2,h3{break-after:avoid}"
	".verdict{border:1px solid var(--line)}}",
	NULL,
};
/* clang-format on */
