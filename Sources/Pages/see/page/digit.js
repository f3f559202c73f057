// The picture: what the network sees, to draw on, with the saliency over it.

const digit = document.getElementById('digit');
const digitMarks = document.getElementById('digit-marks');
const pad = {scale: 1, isErasing: false};

function setUpDigit() {
  pad.scale = Math.max(1, Math.floor(280 / Math.max(height, width)));
  for (const canvas of [digit, digitMarks]) {
    canvas.width = width * pad.scale;
    canvas.height = height * pad.scale;
  }
  let last = null;
  digitMarks.addEventListener('pointerdown', event => {
    event.preventDefault();
    digitMarks.setPointerCapture(event.pointerId);
    pad.isErasing = event.button === 2 || byId('eraser').checked;
    commitShift();
    state.isDrawing = true;
    last = placeOf(event);
    stroke(last, last);
  });
  digitMarks.addEventListener('pointermove', event => {
    if (!last) return;
    const place = placeOf(event);
    stroke(last, place);
    last = place;
  });
  for (const end of ['pointerup', 'pointercancel']) {
    digitMarks.addEventListener(end, () => {
      if (!last) return;
      last = null;
      state.isDrawing = false;
      remember();
      update();
      countOnBank();
    });
  }
  digitMarks.addEventListener('contextmenu', event => event.preventDefault());
}

/** Where the pointer is, in pixels of the picture. */
function placeOf(event) {
  const box = digitMarks.getBoundingClientRect();
  return [(event.clientY - box.top) / box.height * height,
    (event.clientX - box.left) / box.width * width];
}

/** What was shifted is drawn on as it is. */
function commitShift() {
  state.picture = shifted(state.picture, state.shift);
  state.shift = [0, 0];
  state.label = null;
}

let isWaiting = false;

/** Draws a line as thick as those of the data: a pen of a fourteenth of the picture. */
function stroke([fromRow, fromColumn], [toRow, toColumn]) {
  const radius = Math.max(height, width) / 14, soft = 0.8;
  const along = [toRow - fromRow, toColumn - fromColumn];
  const length = along[0] ** 2 + along[1] ** 2;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const offset = [row + 0.5 - fromRow, column + 0.5 - fromColumn];
      const share = length === 0 ? 0 :
        Math.max(0, Math.min(1, (offset[0] * along[0] + offset[1] * along[1]) / length));
      const distance = Math.hypot(offset[0] - share * along[0], offset[1] - share * along[1]);
      const ink = Math.max(0, Math.min(1, (radius * 0.72 - distance) / soft + 0.5));
      if (ink === 0) continue;
      for (let c = 0; c < channels; c++) {
        const place = (row * width + column) * channels + c;
        state.picture[place] = pad.isErasing
          ? Math.min(state.picture[place], 1 - ink) : Math.max(state.picture[place], ink);
      }
    }
  }
  // However fast the pointer moves, a picture is computed once for each that the screen shows.
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    update();
  });
}

function drawDigit(result) {
  const pen = digit.getContext('2d'), image = pen.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer), {image: seen} = result;
  for (let i = 0; i < pixels.length; i++) {
    const [r, g, b] = [0, 1, 2].map(c => Math.round(
      255 * Math.max(0, Math.min(1, seen[i * channels + Math.min(c, channels - 1)]))));
    pixels[i] = channels === 1
      ? palettes.ink[255 + Math.max(0, Math.min(255, r))] : (255 << 24) | (b << 16) | (g << 8) | r;
  }
  const small = new OffscreenCanvas(width, height);
  small.getContext('2d').putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.clearRect(0, 0, digit.width, digit.height);
  pen.drawImage(small, 0, 0, digit.width, digit.height);
  digitMarks.getContext('2d').clearRect(0, 0, digitMarks.width, digitMarks.height);
  if (state.showsSaliency && result.gradients) drawSaliency(result.gradients[0]);
}

/** The gradient at each pixel, over the picture: what would change the output most. */
function drawSaliency(gradient) {
  const sums = new Float32Array(width * height);
  gradient.forEach((g, i) => { sums[Math.floor(i / channels)] += g; });
  const limit = limitOf(sums), pen = digitMarks.getContext('2d'), {scale} = pad;
  sums.forEach((sum, i) => {
    const share = Math.abs(sum) / limit;
    if (share < 0.04) return;
    const color = palettes.gradient[sum > 0 ? 510 : 0];
    pen.fillStyle = `rgba(${color & 255}, ${color >> 8 & 255}, ${color >> 16 & 255}, ${0.85 * share ** 0.7})`;
    pen.fillRect(i % width * scale, Math.floor(i / width) * scale, scale, scale);
  });
}

/** Frames what of the picture a number follows from. */
function frameDigit([top, left, bottom, right], color) {
  const pen = digitMarks.getContext('2d'), {scale} = pad;
  pen.lineWidth = 2;
  pen.strokeStyle = color;
  pen.strokeRect(
    left * scale + 1, top * scale + 1, (right - left + 1) * scale - 2, (bottom - top + 1) * scale - 2);
}
