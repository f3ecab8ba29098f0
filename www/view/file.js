// What the file is, down to its checksums.
import { facts, fill, h } from '../dom.js';
import { bytes, count } from '../format.js';
import { WORDS } from '../words.js';

const W = WORDS.file;
const mono = (text) => text && h('code', null, text);

/** The section on the file itself. */
export function fileView(root) {
  return ({ report, memory }) => {
    const file = report?.file;
    root.hidden = !file;
    if (!file) return;
    fill(root, W.title, facts([
      [W.name, mono(file.name)],
      [W.bytes, file.bytes < 1000 ? bytes(file.bytes) : `${bytes(file.bytes)} (${W.exact(count(file.bytes))})`],
      [W.kind, file.kind],
      [W.savedBy, file.saved_by],
      [W.official, file.official && W.officialOf(file.official.file, file.official.release)],
      ...(file.facts ?? []).map(({ label, value }) => [label, String(value)]),
      [W.damage, report.container?.damage?.length > 0 && h('ul', { class: 'plain' }, report.container.damage.map((what) => h('li', null, what)))],
      [W.md5, mono(file.md5)],
      [W.sha256, mono(file.sha256)],
      [W.memory, memory && W.memoryOf(bytes(memory))],
    ]));
  };
}
