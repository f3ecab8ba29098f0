// Where the file loads: runtimes that do the same with it share a row, the exact exception is there on demand.
import { fill, h } from '../dom.js';
import { WORDS } from '../words.js';

const W = WORDS.loads;

/** `[{names, calls: [load, …]}]`: runtimes with the same outcome in every call, in the order of the first of each. */
function groups(loads) {
  const byRuntime = Map.groupBy(loads, (load) => load.runtime);
  const found = new Map();
  for (const calls of byRuntime.values()) {
    const key = JSON.stringify(calls.map(({ call, outcome, exception, message, reason }) => [call, outcome, exception, message, reason]));
    if (!found.has(key)) found.set(key, { names: [], calls });
    found.get(key).names.push(calls[0].name);
  }
  return [...found.values()];
}

const same = (a, b) => ['outcome', 'exception', 'message', 'reason'].every((key) => a[key] === b[key]);

function outcome(load, alone) {
  const text = load.message ?? load.reason;
  return h('div', { class: `load ${load.outcome}` },
    h('p', { class: 'load-head' },
      h('span', { class: 'load-outcome' }, W.outcome[load.outcome] ?? load.outcome),
      !alone && h('code', null, load.call),
      load.exception && h('code', { class: 'exception' }, load.exception)),
    text && (load.message
      ? h('details', null, h('summary', null, text.split('\n').find((line) => line) ?? ''), h('pre', { tabindex: 0 }, text))
      : h('p', { class: 'soft' }, text)));
}

function row({ names, calls }) {
  const alike = calls.every((load) => same(load, calls[0]));
  return h('li', { class: 'loads-row' },
    h('ul', { class: 'runtimes' }, names.map((name) => h('li', null, name))),
    h('div', null, alike ? outcome(calls[0], true) : calls.map((load) => outcome(load, false))));
}

/** The outcomes as a list. */
export const loadsList = (loads) => h('ul', { class: 'loads' }, groups(loads).map(row));

/** The section on where the file loads. */
export function loadsView(root) {
  let last = null;
  return ({ report }) => {
    const loads = report?.loads ?? [];
    root.hidden = loads.length === 0;
    const now = JSON.stringify(loads);
    if (now !== last) fill(root, W.title, loadsList(loads));
    last = now;
    root.hidden = loads.length === 0;
  };
}
