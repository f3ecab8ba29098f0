// Every word that scripts put on the page. Sentences about models come from the report, never from here.
export const WORDS = {
  theme: { light: 'Use the light theme', dark: 'Use the dark theme' },
  another: 'Another file',
  dropHere: 'Drop to check',
  folder: 'That is a folder. Drop the file inside it.',
  version: (version) => `Version ${version}`,

  verdict: {
    checking: 'checking',
    stopped: 'stopped',
    failed: 'failed',
    reading: 'Reading the file.',
    stoppedNote: 'Stopped before the end. This is what was known by then.',
    savedBy: 'Saved by',
    again: 'Check again',
    count: { error: ['error', 'errors'], warning: ['warning', 'warnings'], note: ['note', 'notes'] },
  },

  progress: {
    label: 'Progress',
    cancel: 'Cancel',
    loading: 'Loading the checker',
    stages: {
      open: 'Open', structure: 'Structure', weights: 'Weights', digest: 'Checksums',
      read: 'Read', plan: 'Plan', upload: 'Upload', run: 'Run',
    },
    of: (done, total) => `${done} of ${total}`,
  },

  findings: {
    title: 'Findings',
    none: 'Nothing was found.',
    fix: 'What to do',
    loader: 'The loader’s message',
    more: (count) => `Show ${count} more`,
    severity: { error: 'Error', warning: 'Warning', note: 'Note' },
  },

  network: {
    title: 'Network',
    departure: 'First difference',
    expected: 'Expected',
    found: 'Found',
    blocks: (count) => `× ${count}`,
    facts: {
      family: 'Family', depth: 'Depth', version: 'Version', top: 'Top', classes: 'Classes', naming: 'Naming',
      input_shape: 'Input', parameters: 'Parameters', weighted_layers: 'Weighted layers',
    },
    yes: 'yes',
    no: 'no',
  },

  layers: {
    title: 'Layers',
    count: (shown, all) => (shown === all ? `${all}` : `${shown} of ${all}`),
    search: 'Search layers',
    none: 'No layer matches.',
    columns: { path: 'Layer', class: 'Class', output_shape: 'Output shape', parameters: 'Parameters' },
    mean: 'mean',
    std: 'std',
    range: (min, max) => `${min} … ${max}`,
    zeros: (count) => `${count} zero`,
    nonFinite: (count) => `${count} not finite`,
  },

  prediction: {
    title: 'Prediction',
    drop: 'Drop a picture anywhere',
    pick: 'Choose a picture',
    other: 'Another picture',
    promise: 'It is decoded and resized in this page’s worker, shown to the network, and never stored or sent. A tensor in a .npy file is used as it is.',
    waiting: 'The picture is next, as soon as the file has been read.',
    running: 'Running the network.',
    cancel: 'Cancel',
    input: 'Input',
    preprocess: 'Preprocessing',
    backend: 'Backend',
    backends: { auto: 'auto', gpu: 'WebGPU', cpu: 'CPU' },
    ranOn: { gpu: 'WebGPU', cpu: 'CPU', reference: 'CPU' },
    software: 'software',
    unnamed: 'unnamed adapter',
    unlabelled: (index) => `Class ${index}`,
    time: 'Time',
    adapter: 'Adapter',
    picture: 'The picture',
    output: 'Output',
    memory: 'Memory',
    failed: 'No prediction.',
  },

  file: {
    title: 'File',
    name: 'Name', bytes: 'Size', kind: 'Kind', md5: 'MD5', sha256: 'SHA-256', savedBy: 'Saved by',
    memory: 'Memory',
    memoryOf: (bytes) => `${bytes} at most, to check it`,
    exact: (bytes) => `${bytes} bytes`,
  },

  trouble: {
    failed: 'The check could not go on.',
    notLoaded: 'The checker could not be loaded. Reload the page, or try again later.',
    trap: 'The checker crashed. That is our bug, whatever the file is.',
    goOn: 'This page goes on: check another file, or try this one again. The report below helps us; it holds nothing of the file’s content.',
    copy: 'Copy the report',
    copied: 'Copied',
    dismiss: 'Dismiss',
  },
};
