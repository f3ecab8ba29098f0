// Full-size networks through the page, as a person would use it: ResNet50 (103 MB) and ResNet152 (243 MB) from drop to
// prediction. The files are made by a script of the corpus, with what real Keras computed from the same weights; where
// the corpus or the script's Python is missing, these tests are skipped. PYTHON names an interpreter with h5py.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { site } from './helper.mjs';

const CORPUS = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));
const PYTHON = process.env.PYTHON ?? 'python3';
const TOLERANCE = 1e-5;
const HEAP_LIMIT = 64e6; // Bytes of the module's memory while a file is read and while its weights go to the GPU.
const TASK_LIMIT = 50; // Milliseconds that a task may hold up the page.

function missing() {
  if (!existsSync(join(CORPUS, 'fullsize'))) return 'there is no corpus beside the repository';
  try {
    execFileSync(PYTHON, ['-c', 'import h5py, numpy'], { stdio: 'ignore' });
    return false;
  } catch {
    return `${PYTHON} has no h5py and NumPy; set PYTHON`;
  }
}

const skip = missing();
const shared = site({ real: true });
let folder;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'page-test-'))));
after(() => rm(folder, { recursive: true }));

function make(spec) {
  const out = join(folder, `${spec}.h5`);
  execFileSync(PYTHON, [join(CORPUS, 'fullsize/make_fullsize.py'), join(CORPUS, `fullsize/specs/${spec}.json`), out]);
  return out;
}

/** Notes in `window.marks` when the file was dropped, and when the first report and the last one had been drawn. */
function mark() {
  window.marks = {};
  window.long = [];
  addEventListener('drop', () => (window.marks.drop = performance.now()), { capture: true });
  const drawn = (name) => requestAnimationFrame(() => setTimeout(() => (window.marks[name] ??= performance.now())));
  new MutationObserver(() => {
    if (document.querySelector('.stages, .findings')) drawn('structure');
    if (document.body.dataset.phase === 'done') drawn('done');
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
}

const farthest = (found, truth) => Math.max(...found.map((number, i) => Math.abs(number - truth[i])));

/** Drops the file; how long the page took to show what, in milliseconds. */
async function check(v, file) {
  await v.page.evaluate(mark);
  await v.dropPath(file);
  await v.page.waitForFunction(() => window.marks.done, null, { timeout: 120_000 });
  const { marks, long } = await v.page.evaluate(() => ({ marks: window.marks, long: window.long }));
  const [{ memory, report }] = (await v.heard('report')).filter(({ final }) => final);
  return { structure: marks.structure - marks.drop, done: marks.done - marks.drop, long, memory, report };
}

/** The same again, traced: the processor time of the page's longest task, in milliseconds. */
async function costliest(v, file) {
  const { cpuMillis } = await v.longestTask(async () => {
    await v.dropPath(file);
    await v.phase('checking');
    await v.phase('done', 120_000);
  });
  return cpuMillis;
}

async function predict(v, backend, nth) {
  const { prediction, memory } = (await v.heard('prediction', nth, 600_000))[nth - 1];
  assert.equal(prediction.backend === 'gpu', backend === 'gpu');
  return { prediction, memory };
}

const seconds = (millis) => `${(millis / 1000).toFixed(2)} s`;
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function say(t, checked, runs) {
  const { structure, done, cpuMillis, long, memory } = checked;
  t.diagnostic(`structure on screen after ${seconds(structure)}, all after ${seconds(done)}, memory ${megabytes(memory)}`);
  t.diagnostic(`longest task ${cpuMillis.toFixed(0)} ms of processor time; over 50 ms by the clock: ${long.map(Math.round).join(', ') || 'none'}`);
  for (const { prediction, memory: peak, off } of runs) {
    const { read, upload, run } = prediction.millis;
    t.diagnostic(`${prediction.backend}: off by ${off.toExponential(1)}, memory ${megabytes(peak)}, `
      + `read ${seconds(read)}, upload ${seconds(upload)}, run ${seconds(run)}`);
  }
}

for (const name of ['resnet50', 'resnet152']) {
  test(`${name}: verified and predicted on WebGPU and the CPU, in little memory`, { skip, timeout: 1_200_000 }, async (t) => {
    const truth = JSON.parse(readFileSync(join(CORPUS, `fullsize/truth/${name}__tf215__random__tf215.json`), 'utf8'));
    const file = make(`${name}__tf215`);
    const v = await shared.visit(t, { listening: true });
    const checked = { ...await check(v, file), cpuMillis: await costliest(v, file) };
    const runs = [];
    for (const [index, backend] of ['gpu', 'cpu'].entries()) {
      await v.runOn(backend);
      if (index === 0) await v.givePicture(join(CORPUS, 'inputs', truth.input));
      const ran = await predict(v, backend, index + 1);
      runs.push({ ...ran, off: farthest(ran.prediction.outputs[0].data, truth.output) });
    }
    say(t, checked, runs);
    assert.equal(checked.report.recognition.parameters, truth.n_params);
    assert.ok(checked.memory < HEAP_LIMIT, `checking took ${megabytes(checked.memory)}`);
    assert.ok(checked.cpuMillis <= TASK_LIMIT, `a task of the page took ${checked.cpuMillis} ms`);
    assert.ok(runs[0].memory < HEAP_LIMIT, `uploading took ${megabytes(runs[0].memory)}`);
    for (const { prediction, off } of runs) assert.ok(off <= TOLERANCE, `${prediction.backend} is off by ${off}`);
  });
}
