// The worker of bench/verify.mjs: reads a file in one of three ways, and says how long that took. Loading the program is
// not part of it.

/** Bytes of a read; what the verifier reads at a time. */
const BLOCK = 4 << 20;

/** Nothing but the bytes. */
async function bare() {
  return (file) => {
    const reader = new FileReaderSync();
    for (let at = 0; at < file.size; at += BLOCK) reader.readAsArrayBuffer(file.slice(at, at + BLOCK));
    return {};
  };
}

/** The numbers of every dataset; `mount` puts the file where h5wasm opens it. */
async function h5wasm(mount) {
  const { default: module } = await import('/h5wasm/hdf5_hl.js');
  const { FS } = await module.ready;
  FS.mkdir('/work');
  return async (file) => {
    await mount(FS, file);
    const started = performance.now();
    const opened = new module.File(`/work/${file.name}`, 'r');
    let numbers = 0;
    const walk = (group) => {
      for (const key of group.keys()) {
        const item = group.get(key);
        if (item instanceof module.Group) walk(item);
        if (item instanceof module.Dataset) numbers += item.value.length;
      }
    };
    walk(opened);
    return { numbers, opened: performance.now() - started };
  };
}

const lazily = (FS, file) => FS.mount(FS.filesystems.WORKERFS, { files: [file] }, '/work');
const whole = async (FS, file) => FS.writeFile(`/work/${file.name}`, new Uint8Array(await file.arrayBuffer()));

async function verifier() {
  const module = await import('/pkg/resnet_verifier.js');
  await module.default();
  return (file) => {
    const started = performance.now();
    const told = [];
    const done = {};
    const session = new module.Session(file);
    session.check((json) => {
      const event = JSON.parse(json);
      const at = performance.now() - started;
      if (event.type === 'report') told.push(at);
      else if (event.done === event.total) done[event.stage] = at;
    });
    return { done, told, heap: module.heap_bytes() };
  };
}

const WAYS = { bare, h5wasm: () => h5wasm(lazily), 'h5wasm from memory': () => h5wasm(whole), verifier };

onmessage = async ({ data: { way, file } }) => {
  try {
    const run = await WAYS[way]();
    const started = performance.now();
    const facts = await run(file);
    postMessage({ ...facts, millis: performance.now() - started });
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
