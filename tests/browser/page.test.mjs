// The page with the mock module: what a person sees and does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { site } from './helper.mjs';
import { beats, busy, fail, golden, manyLayers, model, onDisk, partial, picture, progress, trap, trapFor } from './scenario.mjs';

const shared = site();
const visit = (t, options) => shared.visit(t, options);

const good = golden('good');
const bad = golden('bad');
const cut = golden('cut');
const beatsSeen = ({ server }) => server.seen.filter(({ path }) => path === '/beat').length;
const pause = (millis) => new Promise((done) => setTimeout(done, millis));

/** Chromium ends a worker that is in the middle of a call within two seconds; from then on not one beat may come. */
async function silence(v) {
  await pause(2500);
  const then = beatsSeen(v);
  await pause(700);
  assert.equal(beatsSeen(v), then, 'the worker still works');
}

test('the empty page says what it does, what it takes and that nothing leaves', async (t) => {
  const v = await visit(t);
  const text = await v.text('[data-role="intro"]');
  for (const words of ['Keras', '.h5', 'Nothing is uploaded', 'never stored or sent', 'Choose a file']) {
    assert.ok(text.includes(words), words);
  }
  assert.equal(await v.page.locator('[data-role="report"]').isVisible(), false);
  await v.page.waitForFunction(() => document.querySelector('[data-role="version"]').textContent.includes('0.0.0-mock'));
});

test('an error is explained without a file, stays when one comes, and is then judged by it', async (t) => {
  const v = await visit(t);
  await v.page.fill('[data-view="error-before"] textarea', 'ValueError: <b>Unknown</b>');
  await v.page.waitForSelector('[data-view="error-before"] [data-role="error-summary"]');
  const before = await v.text('[data-view="error-before"]');
  for (const words of ['Asked about ValueError: <b>Unknown</b>.', 'The cause.', 'The fix.', 'Keras 2.0 to 2.3', 'the quote']) {
    assert.ok(before.includes(words), words);
  }
  assert.ok(!before.includes('Confirmed'));
  await v.drop(model('good.h5', { final: good }));
  await v.phase('done');
  await v.page.waitForSelector('[data-view="error"] .judged.confirmed');
  assert.ok((await v.text('[data-view="error"]')).includes(`With ${good.loads.length} outcomes.`));
  assert.equal(await v.page.inputValue('[data-view="error"] textarea'), 'ValueError: <b>Unknown</b>');
  await v.page.fill('[data-view="error"] textarea', ' ');
  await v.page.waitForFunction(() => !document.querySelector('[data-view="error"] [data-role="error-summary"]'));
});

test('the first paint waits for neither worker nor module', async (t) => {
  const v = await visit(t);
  const page = await v.page.context().newPage();
  await page.route('**/pkg/**', () => {}); // Never answered.
  await page.goto(v.server.origin);
  assert.ok(await page.locator('[data-role="intro"] h1').isVisible());
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
});

test('the keyboard reaches the file picker, and where it is can be seen', async (t) => {
  const v = await visit(t);
  await v.page.evaluate(() => document.querySelector('[data-role="picker"]').addEventListener('click', (event) => {
    event.preventDefault(); // No dialog, which nobody here could answer.
    window.asked = true;
  }));
  const focused = () => v.page.evaluate(() => document.activeElement.textContent.trim());
  for (let i = 0; i < 6 && await focused() !== 'Choose a file'; i++) await v.page.keyboard.press('Tab');
  assert.equal(await v.page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'solid');
  await v.page.keyboard.press('Enter');
  assert.equal(await v.page.evaluate(() => window.asked), true);
});

test('a good report is shown whole', async (t) => {
  const v = await visit(t);
  await v.drop(model('good.h5', { final: good }));
  await v.phase('done');
  assert.deepEqual(await v.verdict(), { state: 'ok', sentence: good.headline });
  const text = await v.text('[data-role="report"]');
  for (const words of [good.file.saved_by, good.file.sha256, good.recognition.summary, '17,141', '× 1', '8 wide', '222 kB']) {
    assert.ok(text.includes(words), words);
  }
  assert.equal((await v.findings()).length, good.findings.length);
  assert.equal(await v.page.locator('.blocks i').count(), 4);
});

test('a bad report shows each finding with place, message, fix and code, and the first difference', async (t) => {
  const v = await visit(t);
  await v.drop(model('bad.h5', { final: bad }));
  await v.phase('done');
  assert.equal((await v.verdict()).state, 'problems');
  assert.deepEqual((await v.findings()).map(({ severity }) => severity), bad.findings.map(({ severity }) => severity));
  const first = await v.text('.finding');
  const { place, message, fix, code, name } = bad.findings[0];
  for (const words of [place, message, fix, `${code} ${name}`]) assert.ok(first.includes(words), words);
  const departure = await v.text('.departure');
  for (const words of Object.values(bad.recognition.departure)) assert.ok(departure.includes(words), words);
});

test('the loader’s own words stand with a finding, and the reason where nothing can be predicted', async (t) => {
  const v = await visit(t);
  await v.drop(model('cut.h5', { final: cut }));
  await v.phase('done');
  assert.equal(await v.text('.loader pre'), cut.findings[0].loader_message);
  assert.ok((await v.text('[data-view="prediction"]')).includes(cut.runs.reason));
});

test('a file that is no model gets a report without empty sections', async (t) => {
  const v = await visit(t);
  await v.drop(model('page.h5', { final: golden('impostor') }));
  await v.phase('done');
  assert.equal((await v.verdict()).state, 'not a model');
  for (const view of ['network', 'layers']) {
    assert.equal(await v.page.locator(`[data-view="${view}"]`).isVisible(), false, view);
  }
});

test('partial reports are shown in order, and the verdict stays open until the last', async (t) => {
  const v = await visit(t);
  await v.page.evaluate(() => {
    window.history_ = [];
    new MutationObserver(() => {
      const now = ['[data-role="state"]', '[data-role="verdict"]'].map((s) => document.querySelector(s).textContent).join(': ');
      if (window.history_.at(-1) !== now) window.history_.push(now);
    }).observe(document.querySelector('.verdict'), { subtree: true, childList: true, characterData: true });
  });
  const says = (headline) => ({ ...good, headline });
  await v.drop(model('good.h5', {
    check: [progress('open', 0, 0), partial(says('one')), busy(150), progress('weights', 1, 2), partial(says('two')), busy(150)],
    final: says('three'),
  }));
  await v.phase('done');
  assert.deepEqual(await v.page.evaluate(() => window.history_),
    ['checking: Reading the file.', 'checking: one', 'checking: two', 'ok: three']);
});

test('progress names the stage and the amount', async (t) => {
  const v = await visit(t);
  await v.drop(model('slow.h5', { check: [progress('weights', 51_500_000, 103_000_000), busy(60_000)], final: good }));
  await v.page.waitForSelector('[data-stage="weights"][aria-current="step"]');
  assert.equal(await v.text('.progress .amount'), '51.5 MB of 103 MB');
  assert.equal(await v.page.getAttribute('[data-view="progress"] [role="progressbar"]', 'aria-valuenow'), '50');
});

test('cancel really stops the work, and what was known stays', async (t) => {
  const v = await visit(t);
  await v.drop(model('slow.h5', { check: [partial({ ...good, headline: 'So far.' }), beats(2000, 20)], final: good }));
  await v.page.waitForFunction(() => document.querySelector('[data-role="verdict"]').textContent === 'So far.');
  while (beatsSeen(v) < 3) await pause(20);
  await v.page.click('[data-role="cancel"]');
  await v.phase('stopped');
  await silence(v);
  assert.deepEqual(await v.verdict(), { state: 'stopped', sentence: 'So far.' });
  await v.give(model('next.h5', { final: bad }));
  await v.phase('done');
  assert.equal((await v.verdict()).sentence, bad.headline);
});

test('a second file replaces the first, whose late words are not heard', async (t) => {
  const v = await visit(t);
  await v.drop(model('first.h5', { check: [progress('open', 0, 0), beats(2000, 20)], final: bad }));
  const before = beatsSeen(v);
  while (beatsSeen(v) < before + 3) await pause(20);
  await v.drop(model('second.h5', { final: good }));
  await v.phase('done');
  await silence(v);
  assert.equal((await v.verdict()).sentence, good.headline);
});

test('an error is told in words', async (t) => {
  const v = await visit(t);
  await v.drop(model('gone.h5', { check: [fail('The file changed while it was being read.')] }));
  await v.phase('failed');
  assert.ok((await v.text('.trouble')).includes('The file changed while it was being read.'));
});

test('a crash is called our bug, with a report to copy, and the page goes on', async (t) => {
  const v = await visit(t);
  const file = model('secret-name.h5', { check: [progress('weights', 1, 2), trap()] });
  await v.drop(file);
  await v.phase('failed');
  assert.ok((await v.text('.trouble')).includes('our bug'));
  const report = await v.text('[data-role="crash"]');
  for (const words of ['0.0.0-mock', 'stage: weights', 'unreachable', `${file.buffer.length} bytes`, 'Chrome/']) {
    assert.ok(report.includes(words), words);
  }
  assert.ok(!report.includes('secret-name'));
  await v.drop(model('good.h5', { final: good }));
  await v.phase('done');
  assert.equal((await v.verdict()).state, 'ok');
  assert.equal(await v.page.locator('.trouble').count(), 0);
});

test('a module that cannot be loaded is said so, and loaded when it can be', async (t) => {
  const v = await visit(t, { allow: /Failed to load resource/ });
  await v.page.context().route('**/pkg/**', (route) => route.fulfill({ status: 404 }));
  await v.page.reload();
  await v.page.waitForSelector('.trouble');
  assert.ok((await v.text('.trouble')).includes('could not be loaded'));
  await v.page.context().unroute('**/pkg/**');
  await v.drop(model('good.h5', { final: good }));
  await v.phase('done');
});

test('a picture gets its five classes, where it ran and how long it took', async (t) => {
  const v = await visit(t);
  const run = { ...golden('run-cpu'), adapter: { name: 'SwiftShader', software: true }, preprocess: 'caffe' };
  Object.assign(run.top[0], { label: 'tabby', probability: 0.71342 });
  run.top[4].probability = 4e-5;
  await v.drop(model('good.h5', { final: good, run }));
  await v.phase('done');
  await v.drop(picture());
  assert.deepEqual((await v.top()).slice(0, 2), [{ label: 'tabby', share: '71.34 %' }, { label: 'Class 2', share: '13.68 %' }]);
  assert.deepEqual((await v.top())[4], { label: 'Class 5', share: '< 0.01 %' });
  const text = await v.text('[data-view="prediction"]');
  for (const words of ['CPU', run.backend_reason, 'SwiftShader', 'software', 'run 38 ms', 'caffe', '10.5 MB']) {
    assert.ok(text.includes(words), words);
  }
  assert.ok(await v.page.locator('.thumb').evaluate((image) => image.complete && image.naturalWidth === 1));
});

test('a network without classes shows the shape of what it gives', async (t) => {
  const v = await visit(t);
  const run = { ...golden('run-gpu'), top: [], outputs: [{ name: 'avg_pool', shape: [1, 2048], data: [] }] };
  await v.drop(model('notop.h5', { final: good, run }));
  await v.phase('done');
  await v.givePicture(picture());
  await v.page.waitForSelector('[data-role="backend"]');
  assert.ok((await v.text('[data-view="prediction"]')).includes('avg_pool (1, 2048)'));
});

test('model and picture dropped together: the picture waits for the check', async (t) => {
  const v = await visit(t);
  await v.drop(picture(), model('good.h5', { check: [partial(good), busy(300)], final: good, run: golden('run-gpu') }));
  await v.page.waitForFunction(() => document.querySelector('.outcome').textContent.includes('as soon as'));
  assert.equal((await v.top()).length, 5);
  assert.equal(await v.text('[data-role="backend"]'), 'WebGPU');
});

test('a picture that is none is refused in words and another one works', async (t) => {
  const v = await visit(t);
  await v.drop(model('good.h5', { final: good, predict: [fail('This is not a picture: it starts like a PDF.')] }));
  await v.phase('done');
  await v.givePicture(picture());
  await v.page.waitForSelector('.failure');
  assert.ok((await v.text('.failure')).includes('it starts like a PDF'));
  await v.drop(model('good.h5', { final: good, run: golden('run-gpu') }));
  await v.phase('done');
  await v.givePicture(picture());
  assert.equal((await v.top()).length, 5);
});

test('a crash while predicting leaves the report standing, and the next picture runs', async (t) => {
  const v = await visit(t);
  const first = picture();
  await v.drop(model('good.h5', { final: good, run: golden('run-gpu'), predict: [progress('run', 0, 1), trapFor(first)] }));
  await v.phase('done');
  await v.drop(first);
  await v.page.waitForSelector('[data-role="crash"]');
  assert.ok((await v.text('[data-role="crash"]')).includes('stage: run'));
  assert.equal((await v.verdict()).sentence, good.headline);
  await v.drop({ ...first, buffer: Buffer.concat([first.buffer, Buffer.from('longer')]) });
  assert.equal((await v.top()).length, 5);
});

test('a picture with no model open is checked like any file', async (t) => {
  const v = await visit(t, { allow: /./ });
  await v.drop(picture());
  await v.phase('failed'); // The mock cannot read it as a scenario; what matters is that it was asked to.
});

test('text from a file stays text', async (t) => {
  const v = await visit(t);
  const evil = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>';
  const hostile = structuredClone(good);
  hostile.headline = hostile.summary = hostile.file.saved_by = hostile.recognition.summary = hostile.recognition.family = evil;
  hostile.file.name = evil;
  hostile.file.facts = [{ label: evil, value: evil }];
  hostile.recognition.stages = [{ name: evil, blocks: 2 }];
  hostile.recognition.departure = { place: evil, expected: evil, found: evil };
  hostile.findings = [{ code: evil, name: evil, severity: evil, place: evil, message: evil, fix: evil, loader_message: evil }];
  hostile.runs = { ...hostile.runs, preprocess_reason: evil };
  hostile.layers = [{ path: evil, class: evil, output_shape: evil, parameters: 1, weights: [{ name: evil, shape: [1], dtype: evil }] }];
  const run = golden('run-gpu');
  run.top[0].label = run.backend_reason = run.adapter.name = run.preprocess = evil;
  await v.drop(model('evil.h5', { final: hostile, run }));
  await v.phase('done');
  await v.openLayers();
  await v.page.click('.fold');
  await v.drop(picture());
  assert.equal((await v.top())[0].label, evil);
  assert.equal(await v.text('.row:not(.head) .path'), evil);
  assert.equal(await v.page.evaluate(() => window.evil), undefined);
  assert.equal(await v.page.locator('[onerror], main script').count(), 0);
});

/** Checks a model of 500 layers, scrolls through them and searches; the long tasks that the page itself saw. */
async function useManyLayers(t, v) {
  const report = manyLayers(500);
  const file = await onDisk(t, model('big.h5', { check: [partial(report), busy(100), partial(report), busy(100)], final: report }));
  await v.page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask' });
  });
  await v.give(file);
  await v.phase('done');
  await v.openLayers();
  const table = v.page.locator('.table');
  for (let y = 0; y < 17_000; y += 1300) await table.evaluate((node, top) => (node.scrollTop = top), y);
  await v.page.fill('input[type="search"]', 'block49');
  await pause(300);
  assert.equal(await v.text('.layers .amount'), '11 of 500');
  return v.page.evaluate(() => window.long);
}

test('500 layers: no task over 50 ms on the page’s thread', async (t) => {
  const seen = [];
  for (let attempt = 0; attempt < 3; attempt++) { // Another program on the machine can stretch a task, hardly three times.
    const v = await visit(t);
    const { result: long, cpuMillis } = await v.longestTask(() => useManyLayers(t, v));
    assert.ok(cpuMillis > 0 && cpuMillis <= 50, `a task took ${cpuMillis} ms of processor time`);
    seen.push({ cpuMillis, long });
    if (long.length === 0) break;
  }
  t.diagnostic(JSON.stringify(seen));
  assert.deepEqual(seen.at(-1).long, []);
});

test('layers: only rows in sight exist, folding shows weights, searching narrows', async (t) => {
  const v = await visit(t);
  await v.drop(model('big.h5', { final: manyLayers(5000) }));
  await v.phase('done');
  await v.openLayers();
  await v.page.waitForFunction(() => document.querySelectorAll('.rows .row').length > 10);
  assert.ok(await v.page.locator('.rows .row').count() < 60);
  assert.equal(await v.page.getAttribute('.table', 'aria-rowcount'), '5001');
  await v.page.click('.fold >> nth=0');
  assert.ok((await v.text('.row.under')).includes('gamma'));
  await v.page.locator('.table').evaluate((node) => (node.scrollTop = node.scrollHeight));
  await v.page.waitForSelector('text=stage/block4999_bn');
  await v.page.fill('input[type="search"]', 'block4321');
  assert.equal(await v.page.locator('.rows .row').count(), 1);
  await v.page.fill('input[type="search"]', 'nothing like it');
  assert.ok(await v.page.locator('text=No layer matches.').isVisible());
});

test('the theme follows the system, can be changed, and the change lasts', async (t) => {
  const v = await visit(t, { colorScheme: 'light' });
  const paper = () => v.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await v.page.click('[data-role="theme"]');
  const dark = await paper();
  assert.notEqual(light, dark);
  await v.page.reload();
  assert.equal(await paper(), dark);
  await v.page.click('[data-role="theme"]');
  assert.equal(await paper(), light);
  await v.page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await paper(), dark);
});

test('nothing is wider than a phone', async (t) => {
  const v = await visit(t, { viewport: { width: 360, height: 740 } });
  const fits = () => v.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits(), 'empty');
  await v.drop(model(`${'long_name_'.repeat(12)}.h5`, { final: bad }));
  await v.phase('done');
  await v.openLayers();
  assert.ok(await fits(), 'report');
});

test('a copy is put together from new bytes and pieces of the file', async (t) => {
  const v = await visit(t);
  const parts = ['new', [10, 20], '[]', [0, 5]];
  const file = model('good.h5', { final: good, repair: { old: { text: 'For an old one', parts }, new: { refused: 'It has none.' } } });
  await v.drop(file);
  await v.phase('done');
  const repair = v.page.locator('[data-view="repair"]');
  await repair.locator('select').selectOption('new');
  await repair.locator('[data-act="repair"]').click();
  await repair.getByText('It has none.').waitFor();
  assert.equal(await repair.locator('a').isVisible(), false);
  await repair.locator('select').selectOption('old');
  await repair.locator('[data-act="repair"]').click();
  await repair.getByText('For an old one').waitFor();
  const [download] = await Promise.all([v.page.waitForEvent('download'), repair.locator('a').click()]);
  assert.equal(download.suggestedFilename(), 'good-old.h5');
  const original = Buffer.from(file.buffer);
  const expected = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : original.subarray(...part)));
  assert.ok(readFileSync(await download.path()).equals(Buffer.concat(expected)));
});
