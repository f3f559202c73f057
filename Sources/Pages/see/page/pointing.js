// Pointing at a number, with a mouse, a finger or the arrow keys, and what is marked then.

/** All tiles of the page, by the activation they show. */
const shownTiles = [];

const cellOf = (shape, index) => {
  if (shape.length !== 3) return [0, 0, index];
  const [, columns, tiles] = shape;
  return [Math.floor(index / (columns * tiles)), Math.floor(index / tiles) % columns, index % tiles];
};

function select(activation, index) {
  if (state.selected?.activation === activation && state.selected?.index === index) return;
  state.selected = {activation, index};
  mark(now);
}

function listenTo(tiles) {
  const {marks} = tiles;
  shownTiles.push(tiles);
  const point = event => {
    const box = marks.getBoundingClientRect();
    if (!tiles.layout || box.width === 0) return;
    const ratio = marks.width / box.width;
    const cell = tiles.cellAt((event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio);
    if (cell !== null) select(tiles.activation, cell);
  };
  marks.addEventListener('pointermove', point);
  marks.addEventListener('pointerdown', point);
  marks.addEventListener('keydown', event => {
    const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
    const step = steps[event.key];
    if (!step || !tiles.layout) return;
    event.preventDefault();
    const {rows, columns, tiles: number} = tiles.layout;
    const shape = [rows, columns, number];
    const own = state.selected?.activation === tiles.activation ? state.selected.index : 0;
    let [row, column, tile] = cellOf(shape, own);
    if (rows === 1 && columns === 1) {
      tile = Math.max(0, Math.min(number - 1, tile + step[1] + step[0] * tiles.layout.across));
    } else {
      column += step[1];
      row = Math.max(0, Math.min(rows - 1, row + step[0]));
      // Beyond an edge comes the next tile.
      if (column < 0 && tile > 0) [tile, column] = [tile - 1, columns - 1];
      else if (column >= columns && tile < number - 1) [tile, column] = [tile + 1, 0];
      column = Math.max(0, Math.min(columns - 1, column));
    }
    select(tiles.activation, (row * columns + column) * number + tile);
  });
}

/** The rectangle of an input that a number follows from: [top, left, rows, columns]; null for none. */
function windowOf(node, shape, row, column) {
  if (node.kind === 'up_sampling2d') {
    return [Math.floor(row / node.size[0]), Math.floor(column / node.size[1]), 1, 1];
  }
  if (node.kind === 'zero_padding2d') {
    const [y, x] = [row - node.margins[0], column - node.margins[2]];
    return y < 0 || x < 0 || y >= shape[0] || x >= shape[1] ? null : [y, x, 1, 1];
  }
  if (!node.window) return [row, column, 1, 1];
  const w = windowsOver(node, shape);
  const span = (position, axis, extent) => {
    const start = position * w.stride[axis] - (axis === 0 ? w.top : w.left);
    const end = start + (w.kernel[axis] - 1) * w.dilation[axis] + 1;
    return [Math.max(start, 0), Math.min(end, extent) - Math.max(start, 0)];
  };
  const [top, high] = span(row, 0, w.height), [left, wide] = span(column, 1, w.width);
  return [top, left, high, wide];
}

/** What of an activation the selected number follows from: the rectangle that all ways back reach. */
function receptiveField(network, {activation, index}) {
  const fields = network.shapes.map(() => null);
  const join = (a, b) => a === null ? b : [
    Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
  const shape = network.shapes[activation], [row, column] = cellOf(shape, index);
  fields[activation] = [row, column, row, column];
  for (let n = activation - 1; n >= 0; n--) {
    const field = fields[n + 1], node = network.nodes[n];
    if (field === null) continue;
    for (const input of node.inputs) {
      const from = network.shapes[input], to = network.shapes[n + 1];
      const whole = [0, 0, (from.length === 3 ? from[0] : 1) - 1, (from.length === 3 ? from[1] : 1) - 1];
      let reach = whole;
      if (from.length === 3 && to.length === 3) {
        const first = windowOf(node, from, field[0], field[1]);
        const last = windowOf(node, from, field[2], field[3]);
        const isPlaced = node.window || node.kind === 'up_sampling2d';
        if (isPlaced) reach = [first[0], first[1], last[0] + last[2] - 1, last[1] + last[3] - 1];
        else if (node.kind === 'zero_padding2d' && first && last) reach = [first[0], first[1], last[0], last[1]];
        else if (from[0] === to[0] && from[1] === to[1]) reach = field;
      }
      fields[input] = join(fields[input], reach);
    }
  }
  return fields;
}

/** Marks the selected number, the window it came from and its winner, and explains it. */
function mark(result) {
  for (const tiles of shownTiles) if (tiles.layout) tiles.clearMarks();
  drawDigit(result);
  const {selected} = state;
  if (!selected || selected.activation >= result.activations.length ||
      selected.index >= result.activations[selected.activation].length) {
    return explain(result, null);
  }
  const style = getComputedStyle(document.documentElement);
  const accent = style.getPropertyValue('--accent'), winner = style.getPropertyValue('--winner');
  const {network} = result, shape = network.shapes[selected.activation];
  const [row, column, tile] = cellOf(shape, selected.index);
  for (const tiles of shownTiles) {
    if (tiles.activation === selected.activation) tiles.frame(tile, [row, column, 1, 1], accent);
  }
  const fields = receptiveField(network, selected);
  if (selected.activation > 0 && fields[0]) frameDigit(fields[0], accent);
  const node = network.nodes[selected.activation - 1];
  if (node && shape.length === 3) markInputs(result, node, selected, accent, winner);
  explain(result, selected);
}

/** Frames the window in the maps that a node reads. */
function markInputs(result, node, {activation, index}, accent, winner) {
  const {network} = result, [row, column, tile] = cellOf(network.shapes[activation], index);
  let input = node.inputs[0], within = tile;
  // Of several inputs side by side, the one whose channel it is.
  if (node.kind === 'concatenate') {
    const part = node.inputs.findIndex(i => {
      const own = network.shapes[i][2];
      if (within < own) return true;
      within -= own;
      return false;
    });
    input = node.inputs[part];
  }
  const from = network.shapes[input];
  if (from.length !== 3) return;
  const rectangle = windowOf(node, from, row, column);
  if (!rectangle) return;
  const isMixing = node.kind === 'conv2d';
  for (const tiles of shownTiles) {
    if (tiles.activation !== input) continue;
    const own = node.kind === 'depthwise_conv2d' ? Math.floor(tile / node.multiplier) : within;
    const seen = isMixing ? [...Array(from[2]).keys()] : [own];
    for (const channel of seen) tiles.frame(channel, rectangle, accent, isMixing ? 1 : 2);
    if (node.kind === 'max_pool2d') {
      const place = winnerOf(windowsOver(node, from), result.records[activation - 1], index, from[2]);
      if (place) tiles.fill(tile, place[0], place[1], winner);
    }
  }
}

/** The row and column of the number that won a window. */
function winnerOf(w, {argmax}, index, tiles) {
  const places = w.places[Math.floor(index / tiles)];
  for (let n = 0; n < places.length; n += 2) {
    if (places[n + 1] === argmax[index]) {
      return [Math.floor(places[n] / w.width), places[n] % w.width];
    }
  }
  return null;
}
