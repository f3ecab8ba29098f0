// Just enough of the WebAssembly binary format to put a trap where an exported function begins.
import assert from 'node:assert/strict';

const IMPORTS = 2;
const EXPORTS = 7;
const CODE = 10;
const FUNCTION = 0;

/** Reads the numbers and names of a module, one after the other. */
class Reader {
  constructor(bytes, at) {
    Object.assign(this, { bytes, at });
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** LEB128, unsigned. */
  number() {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte & 0x80);
    return value;
  }

  name() {
    const length = this.number();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at).toString('utf8');
  }

  limits() {
    const flags = this.byte();
    this.number();
    if (flags & 1) this.number();
  }
}

/** Where the content of each section begins, by the section's number. */
function sections(bytes) {
  const reader = new Reader(bytes, 8);
  const found = {};
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    found[id] = reader.at;
    reader.at += length;
  }
  return found;
}

/** What an import is, behind its two names: its kind, and how to skip its type. */
const SKIP = [
  (reader) => reader.number(), // function
  (reader) => { reader.byte(); reader.limits(); }, // table
  (reader) => reader.limits(), // memory
  (reader) => { reader.byte(); reader.byte(); }, // global
];

function importedFunctions(reader) {
  let functions = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.name();
    reader.name();
    const kind = reader.byte();
    SKIP[kind](reader);
    functions += kind === FUNCTION;
  }
  return functions;
}

function exportedFunction(reader, wanted) {
  for (let left = reader.number(); left > 0; left--) {
    const [name, kind, index] = [reader.name(), reader.byte(), reader.number()];
    if (name === wanted && kind === FUNCTION) return index;
  }
  return assert.fail(`the module exports no ${wanted}`);
}

/** A copy of the module in which the exported function does nothing but trap. */
export function trapping(bytes, name) {
  const at = sections(bytes);
  const index = exportedFunction(new Reader(bytes, at[EXPORTS]), name) - importedFunctions(new Reader(bytes, at[IMPORTS]));
  const reader = new Reader(bytes, at[CODE]);
  assert.ok(index < reader.number());
  for (let skipped = 0; skipped < index; skipped++) {
    const length = reader.number();
    reader.at += length;
  }
  const end = reader.number() + reader.at;
  for (let left = reader.number(); left > 0; left--) { // Its local variables.
    reader.number();
    reader.byte();
  }
  const changed = Buffer.from(bytes);
  changed.fill(0x01, reader.at, end - 1); // nop
  changed[reader.at] = 0x00; // unreachable
  assert.equal(changed[end - 1], 0x0b); // end
  return changed;
}
