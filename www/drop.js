// Every way a file reaches the page: dropped anywhere, picked by button, pasted.
import { role } from './dom.js';

const carriesFiles = (transfer) => [...(transfer?.types ?? [])].includes('Files');

function hasFolder(transfer) {
  return [...transfer.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
}

function bindDrag(take, refuse) {
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
    else take([...event.dataTransfer.files]);
  });
}

function bindPicker(input, take) {
  input.addEventListener('change', () => {
    take([...input.files]);
    input.value = ''; // So that picking the same file again is a change.
  });
}

/**
 * @param {(files: File[]) => void} take files dropped, pasted or picked
 * @param {(files: File[]) => void} takePicture files picked as a picture
 * @param {() => void} refuse a folder was dropped
 */
export function bindFiles(take, takePicture, refuse) {
  bindDrag(take, refuse);
  bindPicker(role(document, 'picker'), take);
  bindPicker(role(document, 'picture-picker'), takePicture);
  addEventListener('paste', (event) => event.clipboardData.files.length && take([...event.clipboardData.files]));
  addEventListener('click', (event) => {
    const act = event.target.closest?.('[data-act]')?.dataset.act;
    if (act === 'pick') role(document, 'picker').click();
    if (act === 'pick-picture') role(document, 'picture-picker').click();
  });
}
