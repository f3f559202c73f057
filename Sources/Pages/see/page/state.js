'use strict';
// What the page shows, and who redraws when it changes.

const data = JSON.parse(document.getElementById('model').textContent);
const trained = Network.of(data.model);
const [height, width, channels] = trained.input;

/** The numbers of a picture: bytes for 0 to 1 in base64, or floats. */
const pixelsOf = ({bytes, floats}) => floats !== undefined ? floatsOf(floats)
  : Float32Array.from(atob(bytes), c => c.charCodeAt(0) / 255);

const state = {
  /** The network as it is set, and the picture before it is shifted. */
  network: trained,
  picture: pixelsOf(data.picture.pixels),
  label: data.picture.label ?? null,
  shift: [0, 0],
  /** The class whose gradient is shown (the predicted one where null), and of what: score or loss. */
  target: null,
  of: 'score',
  /** The activations from this number on have their gradient; null where it has not set out. */
  arrived: null,
  /** What the reader points at: {activation, index}. */
  selected: null,
  showsSaliency: false,
  /** Whether the pen is on the picture. */
  isDrawing: false,
};

/** A picture moved by whole pixels, with nothing where it came from. */
function shifted(picture, [down, right]) {
  const moved = new Float32Array(picture.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [from, side] = [row - down, column - right];
      if (from < 0 || from >= height || side < 0 || side >= width) continue;
      for (let c = 0; c < channels; c++) {
        moved[(row * width + column) * channels + c] = picture[(from * width + side) * channels + c];
      }
    }
  }
  return moved;
}

/** All that follows from the state; no gradient while the pen moves and nobody looks at it. */
function computed() {
  const {network} = state;
  const image = shifted(state.picture, state.shift);
  const run = network.forward(image);
  const result = {network, image, ...run, outputs: null, predictions: null, gradients: null};
  if (!network.isWhole) return result;
  result.outputs = run.activations[run.activations.length - 1];
  result.predictions = network.predictions(result.outputs);
  result.best = largest(result.outputs);
  result.target = state.target ?? result.best;
  if (!state.isDrawing || state.arrived !== null || state.showsSaliency) {
    result.gradients = network.backward(
      run, network.start(result.outputs, result.target, state.of));
  }
  return result;
}

const largest = values => values.reduce((best, value, i) => value > values[best] ? i : best, 0);

/** What has been computed last. */
let now = null;
/** What a change is compared with: the trained network on the picture before it was shifted. */
let before = null;

const views = [];
/** Has `draw(now)` called whenever what it shows has changed. */
const onChange = draw => views.push(draw);

/** Computes and draws everything. */
function update() {
  now = computed();
  redraw();
}

/** Draws what is known already. */
function redraw() { for (const draw of views) draw(now); }

/** Makes the picture as it is what changes are compared with. */
function remember() {
  const run = trained.forward(state.picture);
  const outputs = run.activations[run.activations.length - 1];
  before = {...run, outputs, predictions: trained.predictions(outputs), best: largest(outputs)};
}

const nameOf = i => data.classes?.[i] ?? `output ${i}`;
const isProbable = trained.outputs !== 'numbers';

/** A number for people: four digits that count. */
function shown(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (!(size < Infinity)) return String(value);
  return size >= 1e4 || size < 1e-3 ? value.toExponential(1) : Number(value.toPrecision(3)).toString();
}
const grouped = value => value.toLocaleString('en-US');
const percent = value => `${(100 * value).toFixed(1)} %`;

/** An element with a class, texts and children. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
