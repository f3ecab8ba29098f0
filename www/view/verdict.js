// The answer first: which file, its state, and one sentence.
import { h, setText } from '../dom.js';
import { bytes } from '../format.js';
import { WORDS } from '../words.js';

const W = WORDS.verdict;
const LONG = 90; // Letters from which on a sentence is set smaller.

/** The state's word: what the page is doing until it is done, then the report's own verdict. */
function stateOf({ phase, report }) {
  if (phase === 'done') return report.verdict;
  return { checking: W.checking, stopped: W.stopped, failed: W.failed }[phase] ?? '';
}

/** `2 errors, 1 warning`. */
function tally(findings) {
  return Object.entries(W.count).flatMap(([severity, [one, many]]) => {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return found ? [h('span', { class: `tally ${severity}` }, `${found} ${found === 1 ? one : many}`)] : [];
  });
}

function about({ file, report }) {
  const saver = report?.file?.saved_by;
  return [
    h('span', { class: 'file-name' }, report?.file?.name ?? file?.name ?? ''),
    h('span', null, bytes(report?.file?.bytes ?? file?.size)),
    saver && h('span', null, `${W.savedBy} ${saver}`),
  ];
}

/** The verdict stands in a live region: its words change only when the verdict does. */
export function verdictView(root, actions) {
  const line = h('p', { class: 'about' });
  const chip = h('span', { class: 'chip', 'data-role': 'state' });
  const sentence = h('h1', { 'data-role': 'verdict' });
  const live = h('div', { class: 'verdict', 'aria-live': 'polite', 'aria-atomic': 'true' }, chip, sentence);
  const counts = h('p', { class: 'counts' });
  const note = h('span', null, W.stoppedNote);
  const again = h('p', { class: 'again', hidden: true }, note,
    h('button', { type: 'button', class: 'quiet', onclick: actions.again }, W.again));
  root.append(line, live, counts, again);
  return (state) => {
    root.hidden = state.phase === 'empty';
    line.replaceChildren(...about(state).filter(Boolean));
    root.dataset.verdict = stateOf(state);
    setText(chip, stateOf(state).replaceAll('-', ' '));
    setText(sentence, state.report?.headline ?? (state.phase === 'checking' ? W.reading : ''));
    sentence.classList.toggle('long', sentence.textContent.length > LONG);
    counts.replaceChildren(...tally(state.report?.findings ?? []));
    note.hidden = state.phase !== 'stopped';
    again.hidden = note.hidden && state.phase !== 'failed';
  };
}
