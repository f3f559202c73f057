// Activations as tiles, one for each channel, in colours: what is 0 has that of the paper.

let palettes = {};

/** Reads the colours of the page, which follow the reader's choice of light or dark. */
function readPalettes() {
  const style = getComputedStyle(document.documentElement);
  const color = name => style.getPropertyValue(name).trim().match(/[0-9a-f]{2}/gi)
    .map(part => parseInt(part, 16));
  const zero = color('--zero');
  palettes = {
    activation: paletteOf(color('--negative'), zero, color('--positive'), 0.7),
    gradient: paletteOf(color('--falling'), zero, color('--rising'), 0.5),
    ink: paletteOf(zero, zero, color('--ink'), 0.9),
  };
}

/** 511 colours from −1 over 0 to 1; small numbers are raised by a power, so that they can be seen. */
function paletteOf(negative, zero, positive, power) {
  const colors = new Uint32Array(511);
  for (let i = -255; i <= 255; i++) {
    const end = i < 0 ? negative : positive, share = (Math.abs(i) / 255) ** power;
    const [r, g, b] = zero.map((z, k) => Math.round(z + (end[k] - z) * share));
    colors[i + 255] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return colors;
}

/** The largest magnitude, 1 where all are 0. */
function limitOf(values) {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most || 1;
}

/** A canvas of tiles with another one over it for marks. */
class Tiles {
  constructor(activation, label) {
    this.activation = activation;
    this.canvas = make('canvas', 'tiles');
    this.marks = make('canvas', 'marks');
    this.marks.tabIndex = 0;
    this.marks.setAttribute('role', 'img');
    this.marks.setAttribute('aria-label', label);
    this.element = make('div', 'strip', this.canvas, this.marks);
    this.showsAll = false;
    listenTo(this);
  }

  /** Lays the tiles of a shape out for the width there is. */
  layOut(shape, available) {
    const isImage = shape.length === 3;
    const [rows, columns, tiles] = isImage ? shape : [1, 1, count(shape)];
    const gap = isImage ? 4 : 2;
    const acrossAt = scale => Math.max(1, Math.floor((available + gap) / (columns * scale + gap)));
    // As large as lets the maps fit into two lines, but neither tiny nor huge.
    const [least, largest] = (isImage ? [44, 96] : [15, 15]).map(
      side => Math.max(1, Math.min(Math.floor(side / rows), Math.floor(available / columns))));
    let scale = largest;
    while (scale > least && acrossAt(scale) * 2 < tiles) scale--;
    const across = acrossAt(scale);
    // A last line is no reason to hide it.
    const lines = Math.ceil(tiles / across), usual = isImage ? 3 : 6;
    const most = this.showsAll || lines <= usual + 1 ? tiles : across * usual;
    const layout = {rows, columns, tiles, shown: most, scale, gap, across};
    if (JSON.stringify(layout) === JSON.stringify(this.layout)) return;
    this.layout = layout;
    const high = Math.ceil(most / across), wide = Math.min(across, most);
    for (const canvas of [this.canvas, this.marks]) {
      canvas.width = wide * (columns * scale + gap) - gap;
      canvas.height = high * (rows * scale + gap) - gap;
    }
    this.image = this.canvas.getContext('2d').createImageData(this.canvas.width, this.canvas.height);
  }

  /** The corner of a tile. */
  corner(tile) {
    const {rows, columns, scale, gap, across} = this.layout;
    return [(tile % across) * (columns * scale + gap),
      Math.floor(tile / across) * (rows * scale + gap)];
  }

  draw(values, palette, limit = limitOf(values)) {
    const {rows, columns, tiles, shown, scale} = this.layout;
    const pixels = new Uint32Array(this.image.data.buffer), line = this.canvas.width;
    const factor = 255 / limit;
    for (let tile = 0; tile < shown; tile++) {
      const [left, top] = this.corner(tile);
      for (let row = 0; row < rows; row++) {
        const first = (top + row * scale) * line + left;
        let place = first;
        for (let column = 0; column < columns; column++) {
          const value = values[(row * columns + column) * tiles + tile];
          const color = palette[Math.max(0, Math.min(510, 255 + Math.round(value * factor)))];
          for (let x = 0; x < scale; x++) pixels[place++] = color;
        }
        for (let y = 1; y < scale; y++) pixels.copyWithin(first + y * line, first, place);
      }
    }
    this.canvas.getContext('2d').putImageData(this.image, 0, 0);
  }

  /** The number of the cell at a place of the canvas; null between tiles. */
  cellAt(x, y) {
    const {rows, columns, tiles, shown, scale, gap, across} = this.layout;
    const wide = columns * scale + gap, high = rows * scale + gap;
    const [i, j] = [Math.floor(x / wide), Math.floor(y / high)];
    const column = Math.floor((x - i * wide) / scale), row = Math.floor((y - j * high) / scale);
    const tile = j * across + i;
    if (i >= across || tile >= shown || column >= columns || row >= rows || x < 0 || y < 0) return null;
    return (row * columns + column) * tiles + tile;
  }

  clearMarks() { this.marks.getContext('2d').clearRect(0, 0, this.marks.width, this.marks.height); }

  /** Frames the cells of a rectangle in a tile, given as rows and columns. */
  frame(tile, [top, left, high, wide], color, thickness = 2) {
    if (!this.layout || tile >= this.layout.shown) return;
    const {scale} = this.layout, [x, y] = this.corner(tile), pen = this.marks.getContext('2d');
    pen.lineWidth = thickness;
    pen.strokeStyle = color;
    pen.strokeRect(
      x + left * scale + thickness / 2 - 1, y + top * scale + thickness / 2 - 1,
      Math.max(wide * scale, 4) - thickness + 2, Math.max(high * scale, 4) - thickness + 2);
  }

  /** Fills one cell of a tile. */
  fill(tile, row, column, color) {
    if (!this.layout || tile >= this.layout.shown) return;
    const {scale} = this.layout, [x, y] = this.corner(tile), pen = this.marks.getContext('2d');
    pen.fillStyle = color;
    pen.fillRect(x + column * scale, y + row * scale, scale, scale);
  }
}
