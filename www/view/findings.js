// What was found: how bad, where, what, and what to do about it.
import { fill, h } from '../dom.js';
import { WORDS } from '../words.js';

const W = WORDS.findings;
const STEP = 40; // Findings shown at once; a hostile file may have thousands.

function card(finding) {
  return h('li', { class: `finding ${finding.severity}` },
    h('p', { class: 'finding-head' },
      h('span', { class: 'severity' }, W.severity[finding.severity] ?? finding.severity),
      h('code', { class: 'place' }, finding.place),
      h('span', { class: 'code' }, `${finding.code} ${finding.name}`)),
    h('p', { class: 'message' }, finding.message),
    finding.fix && h('p', { class: 'fix' }, h('b', null, W.fix), ' ', finding.fix),
    finding.loader_message && h('figure', { class: 'loader' },
      h('figcaption', null, W.loader), h('pre', { tabindex: 0 }, finding.loader_message)));
}

/** The findings, the first ones of them; more on request. */
export function findingsView(root) {
  let shown = STEP;
  let of = null;
  let last = null;

  function draw(findings) {
    const left = findings.length - shown;
    const more = () => {
      shown += STEP;
      draw(findings);
    };
    fill(root, W.title,
      findings.length ? h('ol', { class: 'findings' }, findings.slice(0, shown).map(card)) : h('p', { class: 'soft' }, W.none),
      left > 0 && h('button', { type: 'button', class: 'quiet', onclick: more }, W.more(left)));
  }

  return ({ file, report, phase }) => {
    if (file !== of) [of, shown] = [file, STEP];
    const findings = report?.findings ?? [];
    root.hidden = findings.length === 0 && phase !== 'done';
    const now = JSON.stringify(findings);
    if (now !== last) draw(findings);
    last = now;
    root.hidden = findings.length === 0 && phase !== 'done';
  };
}
