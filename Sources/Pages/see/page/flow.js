// The layers one below the other, each with its activations, and its gradient once that has arrived.

const flow = document.getElementById('flow');
const cards = [];

/** Layers that change no number. */
const quiet = ['flatten', 'reshape', 'dropout', 'spatial_dropout2d', 'gaussian_noise'];

function setUpFlow() {
  trained.nodes.forEach((node, n) => {
    const card = {node: n, activation: n + 1};
    card.title = make('h3', '', node.name);
    card.shape = make('span', 'shape');
    card.what = make('span', 'what');
    card.facts = make('p', 'facts');
    card.element = make('section', 'card layer', make('header', '', card.title, card.shape, card.what));
    card.isQuiet = quiet.includes(node.kind);
    if (card.isQuiet) card.element.classList.add('quiet');
    else addTiles(card, node);
    card.element.append(card.facts);
    cards.push(card);
    flow.append(card.element);
  });
  onChange(drawFlow);
}

function addTiles(card, node) {
  card.tiles = new Tiles(card.activation, `activations of ${node.name}; arrow keys move`);
  card.gradient = new Tiles(card.activation, `gradient of ${node.name}; arrow keys move`);
  card.gradient.element.classList.add('gradient');
  card.more = make('button', 'more');
  card.more.type = 'button';
  card.more.addEventListener('click', () => {
    card.tiles.showsAll = card.gradient.showsAll = !card.tiles.showsAll;
    redraw();
  });
  card.arrival = make('p', 'arrival');
  card.element.append(card.tiles.element, card.more, card.arrival, card.gradient.element);
}

function drawFlow(result) {
  const {network} = result;
  for (const card of cards) {
    const node = network.nodes[card.node], values = result.activations[card.activation];
    const shape = network.shapes[card.activation];
    card.element.classList.toggle('uncomputed', !values);
    card.shape.textContent = shape ? shape.join('×') : 'not computed';
    card.what.textContent = describe(node);
    if (!values) {
      card.facts.textContent = card.node === network.shapes.length - 1 ? network.misfit : '';
      if (card.tiles) card.tiles.element.hidden = card.more.hidden = true;
      if (card.gradient) card.gradient.element.hidden = card.arrival.hidden = true;
      continue;
    }
    card.facts.textContent = factsOf(result, card.node);
    if (!card.isQuiet) drawCard(card, result, values, shape);
  }
  mark(result);
}

function drawCard(card, result, values, shape) {
  const available = card.element.clientWidth - 28;
  card.tiles.element.hidden = false;
  card.tiles.layOut(shape, available);
  card.tiles.draw(values, palettes.activation);
  const {tiles, shown} = card.tiles.layout;
  card.more.hidden = !card.tiles.showsAll && shown === tiles;
  card.more.textContent = card.tiles.showsAll ? 'show fewer' : `${grouped(tiles - shown)} more`;
  const gradient = result.gradients?.[card.activation];
  const hasArrived = Boolean(gradient) && state.arrived !== null && card.activation >= state.arrived;
  card.gradient.element.hidden = card.arrival.hidden = !hasArrived;
  card.element.classList.toggle('arrived', hasArrived);
  if (!hasArrived) return;
  card.gradient.layOut(shape, available);
  card.gradient.draw(gradient, palettes.gradient);
  card.arrival.textContent = arrivalOf(result, card.activation);
}

/** What a node does, in a few words. */
function describe(node) {
  const extent = ([a, b]) => a === b ? `${a}×${a}` : `${a}×${b}`;
  const step = node.window && `${extent(node.window.kernel)}, stride ${node.window.stride.join('×')}`
    .replace(/(\d+)×\1$/, '$1');
  switch (node.kind) {
    case 'conv2d': return `${node.filters} kernels of ${step}`;
    case 'depthwise_conv2d': return `a kernel of ${step} for each channel`;
    case 'max_pool2d': return `the largest of each ${step}`;
    case 'avg_pool2d': return `the mean of each ${step}`;
    case 'global_avg_pool2d': return 'the mean of each map';
    case 'global_max_pool2d': return 'the largest of each map';
    case 'dense': return `${node.units} weighted sums of all inputs`;
    case 'relu': return 'max(0, x)';
    case 'sigmoid': return '1 / (1 + e⁻ˣ)';
    case 'leaky_relu': return `x above 0, ${shown(node.slope)} · x below`;
    case 'batch_norm': return 'each map shifted and scaled';
    case 'add': return `the sum of ${node.inputs.map(sourceName).join(' and ')}`;
    case 'flatten': return 'the maps as one row of numbers';
    case 'dropout': return 'lets all through once training is over';
    default: return node.kind === node.name ? '' : node.kind;
  }
}

const sourceName = activation =>
  activation === 0 ? 'the picture' : trained.nodes[activation - 1].name;

/** What a node did with this picture, counted. */
function factsOf(result, n) {
  const node = result.network.nodes[n], y = result.activations[n + 1];
  const x = result.activations[node.inputs[0]];
  switch (node.kind) {
    case 'relu': {
      const open = y.reduce((sum, value) => sum + (value > 0), 0);
      return `open at ${grouped(open)} of ${grouped(y.length)}; shut at ${percent(1 - open / y.length)}`;
    }
    case 'sigmoid': case 'tanh': {
      const low = node.kind === 'tanh' ? -1 : 0, near = 0.01;
      const ends = y.reduce((sum, value) => sum + (value > 1 - near || value < low + near), 0);
      return `${percent(ends / y.length)} saturated: within ${near} of an end`;
    }
    case 'max_pool2d': {
      const {ties, winners, overlapping} = poolingCounts(result, n);
      let text = `${grouped(y.length)} windows, ${grouped(winners)} winners among ${grouped(x.length)} inputs`;
      if (overlapping) text += `, ${grouped(overlapping)} of them win more than once`;
      return ties ? `${text}; ${grouped(ties)} ties of other values than 0, where the first wins` : text;
    }
    default: return '';
  }
}

/** Of a max pooling: windows with equal maxima, inputs that win, inputs that win more than once. */
function poolingCounts(result, n) {
  const node = result.network.nodes[n], [input] = node.inputs;
  const x = result.activations[input], shape = result.network.shapes[input];
  const w = windowsOver(node, shape), y = result.activations[n + 1], {argmax} = result.records[n];
  const wins = new Uint16Array(x.length);
  let ties = 0;
  w.places.forEach((places, window) => {
    for (let c = 0; c < w.channels; c++) {
      const index = window * w.channels + c;
      let equal = 0;
      for (let i = 0; i < places.length; i += 2) {
        const place = places[i] * w.channels + c;
        if (x[place] === y[index]) equal++;
        if (places[i + 1] === argmax[index]) wins[place]++;
      }
      if (equal > 1 && y[index] !== 0) ties++;
    }
  });
  let winners = 0, overlapping = 0;
  for (const number of wins) {
    if (number > 0) winners++;
    if (number > 1) overlapping++;
  }
  return {ties, winners, overlapping};
}

/** What has become of the gradient on its way to an activation. */
function arrivalOf(result, activation) {
  const {network, gradients} = result, gradient = gradients[activation];
  const zeros = gradient.reduce((sum, g) => sum + (g === 0), 0);
  const reader = network.nodes.find(node => node.inputs.includes(activation));
  const share = `${grouped(gradient.length - zeros)} of ${grouped(gradient.length)}`;
  if (!reader) {
    return state.of === 'score'
      ? `The gradient sets out: 1 at “${nameOf(result.target)}”, 0 elsewhere.`
      : `The gradient of the loss sets out, if “${nameOf(result.target)}” is right.`;
  }
  switch (reader.kind) {
    case 'relu':
      return `${reader.name} lets it through where it was open: it arrives at ${share}, exactly 0 elsewhere.`;
    case 'max_pool2d':
      return `${reader.name} sends each window’s gradient whole to its winner: it arrives at ${share}, exactly 0 elsewhere.`;
    case 'avg_pool2d': case 'global_avg_pool2d':
      return `${reader.name} gives each number of a window an equal share: it arrives at ${share}.`;
    case 'conv2d': case 'dense':
      return `${reader.name} sends it back through its weights: it arrives at ${share}.`;
    default:
      return `It arrives at ${share} through ${reader.name}.`;
  }
}
