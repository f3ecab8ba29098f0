// A copy of the file that another runtime loads: which, what changes in it, and the copy itself.
import { fill, h, setText } from '../dom.js';
import { WORDS } from '../words.js';

const W = WORDS.repair;

/** The section on repairing the file. */
export function repairView(root, actions) {
  const select = h('select', { 'data-role': 'repair-for' });
  const button = h('button', { type: 'button', 'data-act': 'repair', onclick: () => actions.repair(select.value) });
  const told = h('pre', { 'aria-live': 'polite' });
  const link = h('a', { 'data-role': 'copy', hidden: true }, W.save);
  fill(root, W.title, h('p', null, h('label', null, W.label, ' ', select), ' ', button, ' ', link), told);
  return ({ phase, report, runtimes, repairing, repaired, repairError }) => {
    root.hidden = phase !== 'done' || !(report?.layers?.length > 0) || runtimes.length === 0;
    if (select.options.length !== runtimes.length) {
      select.replaceChildren(...runtimes.map(({ id, name }) => h('option', { value: id }, name)));
    }
    setText(button, repairing ? W.making : W.make);
    button.disabled = repairing;
    setText(told, repairError ?? repaired?.text ?? '');
    told.hidden = told.textContent === '';
    link.hidden = !repaired;
    if (!repaired || link.getAttribute('href') === repaired.address) return;
    link.setAttribute('href', repaired.address);
    link.setAttribute('download', repaired.name);
  };
}
