// Puts the page together.

/** Redraws a second as the pen moves: what a reader feels, measured over `rounds` of them. */
function redrawsPerSecond(rounds = 30) {
  state.isDrawing = true;
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    stroke([round % height, 3], [round % height, width - 3]);
    update();
    digit.getContext('2d').getImageData(0, 0, 1, 1);
  }
  const seconds = (performance.now() - start) / 1000;
  state.isDrawing = false;
  show(pixelsOf(data.picture.pixels), data.picture.label ?? null);
  return rounds / seconds;
}

readPalettes();
setUpDigit();
setUpFlow();
onChange(drawPredictions);
onChange(drawChanges);
onChange(drawDepth);
setUpControls();
remember();
update();

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  readPalettes();
  redraw();
});
let resizing = null;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(redraw, 100);
});
