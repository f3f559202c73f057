// What the reader can set: the step of the gradient, the shift, the poolings, the activation.

const byId = id => document.getElementById(id);
const poolings = trained.nodes.map((node, n) => ({node, n}))
  .filter(({node}) => ['max_pool2d', 'avg_pool2d'].includes(node.kind));
/** What has been set, by the number of a pooling. */
const pooled = new Map();
let activationKind = null;

function setUpControls() {
  byId('back').addEventListener('click', () => step(-1));
  byId('forth').addEventListener('click', () => step(1));
  byId('play').addEventListener('click', play);
  for (const [id, down, right] of [
    ['up', -1, 0], ['down', 1, 0], ['left', 0, -1], ['right', 0, 1]]) {
    byId(id).addEventListener('click', () => {
      state.shift = [state.shift[0] + down, state.shift[1] + right];
      changed();
    });
  }
  byId('clear').addEventListener('click', () => show(new Float32Array(trained.input[0] * width * channels), null));
  byId('restore').addEventListener('click', () => show(pixelsOf(data.picture.pixels), data.picture.label ?? null));
  byId('saliency').addEventListener('change', event => {
    state.showsSaliency = event.target.checked;
    redraw();
  });
  byId('of').addEventListener('change', event => {
    state.of = event.target.value;
    update();
  });
  // Without classes a page does not know the loss.
  byId('of').parentElement.hidden = !isProbable;
  setUpPoolings();
  byId('activation').addEventListener('change', event => {
    activationKind = event.target.value || null;
    setNetwork();
  });
  byId('as-trained').addEventListener('click', () => {
    pooled.clear();
    activationKind = null;
    for (const select of document.querySelectorAll('#change select')) {
      select.value = select.dataset.trained ?? '';
    }
    setNetwork();
  });
  onChange(drawStep);
}

function show(picture, label) {
  Object.assign(state, {picture, label, shift: [0, 0], target: null});
  remember();
  changed();
}

function changed() {
  update();
  countOnBank();
}

// Poolings

function setUpPoolings() {
  byId('activation-row').hidden = !trained.nodes.some(isActivation);
  for (const {node, n} of poolings) {
    const row = make('fieldset', 'pooling', make('legend', '', node.name));
    const choose = (name, options, value) => {
      const select = make('select', '', ...options.map(([value, text]) => new Option(text, value)));
      select.value = select.dataset.trained = value;
      select.addEventListener('change', () => {
        pooled.set(n, {...pooled.get(n), [name]: select.value});
        setNetwork();
      });
      row.append(make('label', '', name, select));
    };
    const sizes = most => [...Array(most).keys()].map(i => [`${i + 1}`, `${i + 1}×${i + 1}`]);
    const own = (extent, most) => extent[0] === extent[1] && extent[0] <= most
      ? `${extent[0]}` : '';
    choose('window', sizes(5), own(node.window.kernel, 5));
    choose('stride', sizes(4).map(([value]) => [value, value]), own(node.window.stride, 4));
    choose('takes', [['max_pool2d', 'max'], ['avg_pool2d', 'average']], node.kind);
    byId('poolings').append(row);
  }
}

const isActivation = node =>
  ['relu', 'relu6', 'leaky_relu', 'prelu', 'elu', 'gelu', 'silu', 'sigmoid', 'tanh'].includes(node.kind);

function setNetwork() {
  if (pooled.size === 0 && activationKind === null) state.network = trained;
  else {
    state.network = trained.changed(node => {
      const n = trained.nodes.indexOf(node);
      if (pooled.has(n)) return withPooling(node, n, pooled.get(n));
      return activationKind && isActivation(node) ? {...node, kind: activationKind, slope: 0.1} : node;
    });
  }
  state.selected = null;
  if (!state.network.isWhole) state.arrived = null;
  changed();
}

/** A pooling with other settings, padded so that its output keeps its size where that can be. */
function withPooling(node, n, {window, stride, takes}) {
  const kernel = window ? [+window, +window] : node.window.kernel;
  const strides = stride ? [+stride, +stride] : node.window.stride;
  let {padding} = node.window;
  if (padding !== 'same' && (window || stride)) {
    const input = trained.shapes[node.inputs[0]], output = trained.shapes[n + 1];
    const totals = [0, 1].map(i => Math.max(0, (output[i] - 1) * strides[i] + kernel[i] - input[i]));
    const fits = totals.every((total, i) => Math.ceil(total / 2) < kernel[i]);
    padding = !fits ? [0, 0, 0, 0]
      : totals.flatMap(total => [Math.floor(total / 2), Math.ceil(total / 2)]);
  }
  return {...node, kind: takes ?? node.kind, window: {kernel, stride: strides, padding}};
}

// The way back

/** The activations in the order in which the gradient reaches those with a card, the last one first. */
const stops = () => [...cards.filter(card => !card.isQuiet).map(card => card.activation).reverse(), 0];

function step(direction) {
  if (!now.gradients) return;
  const all = stops(), place = state.arrived === null ? -1 : all.indexOf(state.arrived);
  const next = Math.max(-1, Math.min(all.length - 1, place - direction));
  state.arrived = next < 0 ? null : all[next];
  if (state.arrived === 0 && direction < 0) state.showsSaliency = byId('saliency').checked = true;
  redraw();
  const card = cards.find(card => card.activation === state.arrived);
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
  card?.element.scrollIntoView({block: 'center', behavior});
}

let playing = null;

function play() {
  if (playing) return stop();
  if (!now.gradients) return;
  if (state.arrived === 0) state.arrived = null;
  byId('play').textContent = 'Pause';
  playing = setInterval(() => {
    step(-1);
    if (state.arrived === 0) stop();
  }, 900);
  step(-1);
}

function stop() {
  clearInterval(playing);
  playing = null;
  byId('play').textContent = 'Play';
}

function drawStep(result) {
  const all = stops(), place = state.arrived === null ? 0 : all.indexOf(state.arrived) + 1;
  if (state.isDrawing) return;
  byId('back').disabled = !result.gradients || place === all.length;
  byId('forth').disabled = !result.gradients || place === 0;
  byId('play').disabled = !result.gradients;
  byId('progress').style.setProperty('--share', place / all.length);
  byId('where').textContent = !result.gradients ? 'no gradient: the network is not whole'
    : place === 0 ? 'forwards: the picture has become an answer'
    : state.arrived === 0 ? 'the gradient has come to the picture: see the saliency'
    : `the gradient has come to ${sourceName(state.arrived)}`;
  const [down, right] = state.shift;
  byId('shift').textContent = down || right
    ? `shifted by ${right} right, ${down} down`.replace(/(-\d+) right/, (_, n) => `${-n} left`)
      .replace(/(-\d+) down/, (_, n) => `${-n} up`) : 'not shifted';
}
