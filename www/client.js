// The page's side of the worker: requests out, messages in, and a worker that can be replaced at any moment.

/**
 * A blob stub that imports the worker: started from a blob it inherits the page's content security policy, which a
 * worker loaded by URL does not. The import is dynamic because `worker-src` would refuse a static one.
 */
function startWorker(url) {
  const stub = `import(${JSON.stringify(url)}).catch((error) => postMessage({ id: null, type: 'error', message: String(error), trap: false }));`;
  const address = URL.createObjectURL(new Blob([stub], { type: 'text/javascript' }));
  return new Worker(address, { type: 'module' });
}

/**
 * Answers are the worker's messages, without those of superseded requests:
 * `progress`, `report`, `prediction`, `repaired`, `paired`, `explained`, `error`, and `module` with the verifier's version and runtimes. The
 * last report and every prediction say in `memory` how many bytes the modules take; it only ever grows.
 */
export class Client {
  #url;
  #listen;
  #worker = null;
  #ready = false;
  #outbox = [];
  #id = 0;
  #busy = null;
  #held = null;
  #broken = false;
  #layers = [];

  /**
   * @param {string} url absolute address of worker.js
   * @param {(message: Object) => void} listen
   */
  constructor(url, listen) {
    this.#url = url;
    this.#listen = listen;
    this.#start();
  }

  /** Starts checking `file`; whatever was going on stops. */
  check(file) {
    if (this.#busy || this.#broken) this.#start();
    this.#held = file;
    this.#request({ type: 'check', file });
  }

  /** Runs the network of `file` on `picture`; a prediction that is still running is no longer waited for. */
  predict(file, picture, options) {
    if (this.#broken) this.#start();
    if (this.#held !== file) this.#send({ type: 'open', file });
    this.#held = file;
    this.#request({ type: 'predict', picture, options });
  }

  /** Explains the text of an error; `loads` is that of a report, or null. What else is going on goes on. */
  explain(text, loads) {
    if (this.#broken) this.#start();
    this.#send({ type: 'explain', text, loads });
  }

  /** Asks what has to change in `file` for a runtime. */
  repair(file, runtime) {
    if (this.#broken) this.#start();
    if (this.#held !== file) this.#send({ type: 'open', file });
    this.#held = file;
    this.#request({ type: 'repair', runtime });
  }

  /** Asks what becomes of `file` and another together. */
  pair(file, other) {
    if (this.#broken) this.#start();
    if (this.#held !== file) this.#send({ type: 'open', file });
    this.#held = file;
    this.#request({ type: 'pair', other });
  }

  /** Stops what is going on, really: the worker ends in the middle of it and a new one takes its place. */
  cancel() {
    if (this.#busy) this.#start();
  }

  #start() {
    this.#end();
    this.#worker = startWorker(this.#url);
    [this.#ready, this.#outbox, this.#busy, this.#held, this.#broken, this.#layers] = [false, [], null, null, false, []];
    this.#worker.onmessage = ({ data }) => this.#take(data);
    this.#worker.onerror = (event) => this.#crashed(event);
  }

  /** What an ended worker had already said is not heard any more. */
  #end() {
    this.#worker?.terminate();
    if (this.#worker) this.#worker.onmessage = this.#worker.onerror = null;
  }

  #request(message) {
    this.#busy = { id: ++this.#id, type: message.type };
    this.#send({ ...message, id: this.#id });
  }

  #send(message) {
    if (this.#ready) this.#worker.postMessage(message);
    else this.#outbox.push(message);
  }

  #take(message) {
    if (message.type === 'ready') return this.#flush();
    if (message.id > 0 && message.id !== this.#busy?.id && !message.trap) return undefined;
    if (message.type === 'layers') return this.#layers.push(...message.layers);
    if (message.type === 'report') message.report.layers = this.#layers.splice(0);
    const about = this.#busy?.type;
    if (message.type === 'error') this.#failed(message);
    if (['prediction', 'repaired', 'paired'].includes(message.type) || message.final) this.#busy = null;
    return this.#listen({ ...message, about });
  }

  #flush() {
    this.#ready = true;
    for (const message of this.#outbox.splice(0)) this.#worker.postMessage(message);
  }

  /** After a crash nothing in the worker can be trusted. The next request starts a new one, not this moment: it might crash too. */
  #failed({ id, trap }) {
    this.#busy = null;
    this.#broken = trap || id === null;
    if (this.#broken) this.#end();
  }

  #crashed(event) {
    event.preventDefault();
    this.#take({ id: this.#busy?.id ?? null, type: 'error', message: event.message ?? '', trap: true });
  }
}
