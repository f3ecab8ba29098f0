// Every way a file reaches the page: dropped anywhere, picked by button, pasted.
import { role } from './dom.js';

const carriesFiles = (transfer) => [...(transfer?.types ?? [])].includes('Files');

function hasFolder(transfer) {
  return [...transfer.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
}

/** Whether something is dropped on what takes the other half of the open file. */
const isBeside = (event) => event.target.closest?.('[data-role="beside"]') != null;

function bindDrag({ take, takeOther }, refuse) {
  const root = document.documentElement;
  const over = (on) => root.classList.toggle('dragging', on);
  addEventListener('dragover', (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener('dragleave', (event) => event.relatedTarget === null && over(false));
  addEventListener('drop', (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    over(false);
    if (hasFolder(event.dataTransfer)) refuse();
    else (isBeside(event) ? takeOther : take)([...event.dataTransfer.files]);
  });
}

function bindPicker(input, take) {
  input.addEventListener('change', () => {
    take([...input.files]);
    input.value = ''; // So that picking the same file again is a change.
  });
}

/**
 * @param {{take: Function, takePicture: Function, takeOther: Function}} takers each is given a list of files: those dropped, pasted
 * or picked; those picked as a picture; those picked as the other half of the open file, or dropped on its place
 * @param {() => void} refuse a folder was dropped
 */
export function bindFiles({ take, takePicture, takeOther }, refuse) {
  bindDrag({ take, takeOther }, refuse);
  bindPicker(role(document, 'picker'), take);
  bindPicker(role(document, 'picture-picker'), takePicture);
  bindPicker(role(document, 'other-picker'), takeOther);
  addEventListener('paste', (event) => event.clipboardData.files.length && take([...event.clipboardData.files]));
  addEventListener('click', (event) => {
    const act = event.target.closest?.('[data-act]')?.dataset.act;
    if (act === 'pick') role(document, 'picker').click();
    if (act === 'pick-picture') role(document, 'picture-picker').click();
    if (act === 'pick-other') role(document, 'other-picker').click();
  });
}
