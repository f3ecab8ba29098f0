// A browser, the page in it, and what tests do with the page; the same for the mock and for the real module.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from './server.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Headless Chromium with WebGPU on its software adapter. */
const FLAGS = [
  '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader',
];

/**
 * One browser and one server for the tests of a file.
 * @param {{real?: boolean, launch?: Object}} options `real`: the module of www/pkg instead of the mock
 * @returns {{visit: (t: Object, options?: Object) => Promise<Visit>, server: Object}}
 */
export function site({ real = false, launch = {} } = {}) {
  const shared = {};
  before(async () => {
    const over = real ? {} : { '/pkg/': here('./mock') };
    shared.server = { ...await serve({ root: here('../../www'), over }), over };
    shared.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, ...launch,
    });
  });
  after(async () => {
    await shared.browser?.close();
    await shared.server?.close();
  });
  shared.visit = (t, options) => visit(t, shared, options);
  return shared;
}

/** Keeps in `window.heard` what every worker tells the page, and when; the page knows nothing of it. */
function hear() {
  window.heard = [];
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => window.heard.push({ ...data, at: performance.now() }));
    }
  };
}

/**
 * Opens the page. Anything the console calls an error fails the test, unless `allow` matches it; with `listening`,
 * a request to another origin does, too, and `Visit.heard` gives the worker's messages.
 */
async function visit(t, { browser, server }, { allow = null, listening = false, ...context } = {}) {
  const opened = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...context });
  const page = await opened.newPage();
  if (listening) await listen(t, page, server);
  const errors = [];
  page.on('pageerror', (error) => errors.push(`uncaught: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  t.after(async () => {
    await opened.close();
    assert.deepEqual(errors.filter((error) => !allow?.test(error)), [], 'errors on the console');
  });
  await page.goto(`${server.origin}/`);
  return new Visit(page, server, errors);
}

async function listen(t, page, { origin }) {
  await page.addInitScript(hear);
  const asked = [];
  page.context().on('request', (request) => asked.push(request.url()));
  const own = (url) => url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`);
  t.after(() => assert.deepEqual(asked.filter((url) => !own(url)), [], 'requests to other origins'));
}

/** The page as a person uses it. */
export class Visit {
  constructor(page, server, errors) {
    Object.assign(this, { page, server, errors });
  }

  /** Picks a file: a path, or `{name, mimeType, buffer}`. */
  give(file) {
    return this.page.setInputFiles('[data-role="picker"]', file);
  }

  givePicture(file) {
    return this.page.setInputFiles('[data-role="picture-picker"]', file);
  }

  /** Drops small files on the page, with the events that a real drop has. */
  async drop(...files) {
    const plain = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') }));
    await this.page.evaluate((given) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: mimeType }));
      }
      for (const type of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
      }
    }, plain);
  }

  /** Drops a file that is on disk, as a file manager does. */
  async dropPath(path) {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
    }
    await session.detach();
  }

  /** Waits for `count` of the worker's messages of one type, and gives them. */
  async heard(type, count = 1, timeout = 60_000) {
    const enough = ([wanted, least]) => window.heard.filter((message) => message.type === wanted).length >= least;
    await this.page.waitForFunction(enough, [type, count], { timeout });
    return this.page.evaluate((wanted) => window.heard.filter((message) => message.type === wanted), type);
  }

  /** Chooses where to run: auto, gpu or cpu. */
  runOn(backend) {
    return this.page.selectOption('select[name="backend"]', backend);
  }

  /** Waits until the page is in `phase`: empty, checking, stopped, failed or done. */
  async phase(name, timeout = 30_000) {
    await this.page.waitForSelector(`body[data-phase="${name}"]`, { timeout });
  }

  text(selector) {
    return this.page.locator(selector).first().innerText();
  }

  /** The verdict's state and sentence. */
  async verdict() {
    return { state: await this.text('[data-role="state"]'), sentence: await this.text('[data-role="verdict"]') };
  }

  /** The findings shown, as `{severity, place, code, message}`. */
  findings() {
    return this.page.locator('.finding').evaluateAll((cards) => cards.map((card) => ({
      severity: card.classList[1],
      place: card.querySelector('.place').textContent,
      code: card.querySelector('.code').textContent,
      message: card.querySelector('.message').textContent,
    })));
  }

  /** The best classes, as `{label, share}`, once they are there. */
  async top(timeout = 60_000) {
    await this.page.waitForSelector('[data-role="top"] li', { timeout });
    return this.page.locator('[data-role="top"] li').evaluateAll((rows) => rows.map((row) => ({
      label: row.querySelector('.label').textContent,
      share: row.querySelector('.share').textContent,
    })));
  }

  /**
   * Does `act` and returns its result with the processor time of the longest task on the page's thread, in milliseconds.
   * Processor time says what the page costs, however busy the machine is.
   */
  async longestTask(act) {
    const browser = this.page.context().browser();
    await browser.startTracing(this.page, { categories: ['toplevel', 'devtools.timeline'] });
    const result = await act();
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
    const ours = traceEvents.find((event) => event.name === 'FunctionCall' && event.args.data?.url?.endsWith('/main.js'));
    const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && event.pid === ours?.pid && event.tid === ours.tid);
    return { result, cpuMillis: Math.max(0, ...tasks.map((event) => event.tdur ?? 0)) / 1000 };
  }

  openLayers() {
    return this.page.click('.layers summary');
  }
}
