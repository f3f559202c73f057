// What is wrong with a page as it is drawn: put at its end, this leaves a list as JSON in the element
// #checked.
window.checkPage = () => {
  const faults = [...window.pageErrors ?? []];
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > room) {
    faults.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${room}`);
  }
  const loaded = performance.getEntriesByType('resource');
  if (loaded.length > 0) faults.push(`asked for ${loaded.map(entry => entry.name).join(', ')}`);

  const name = element => `${element.tagName.toLowerCase()}${element.id ? '#' + element.id : ''}`
    + (typeof element.className === 'string' && element.className ? '.' + element.className : '');
  const scrolls = element => {
    for (let at = element; at; at = at.parentElement) {
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };

  // A colour of any notation as red, green, blue and alpha.
  const pen = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
    .getContext('2d', {willReadFrequently: true});
  const parts = color => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const luminance = color => {
    const [r, g, b] = color.map(part => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  // The texts of drawings, which must not cover each other.
  const drawn = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, text = node.textContent.trim();
    if (!text || ['SCRIPT', 'STYLE', 'TITLE', 'OPTION'].includes(element.tagName)) continue;
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || element.closest(':disabled')) continue;
    texts++;
    if (box.right > room + 0.5 && !scrolls(element)) {
      faults.push(`${name(element)} reaches to ${Math.round(box.right)} of ${room}: ${text.slice(0, 40)}`);
    }
    const drawing = element.closest('svg')?.getBoundingClientRect();
    if (drawing && (box.left < drawing.left - 1 || box.right > drawing.right + 1 ||
        box.top < drawing.top - 1 || box.bottom > drawing.bottom + 1)) {
      faults.push(`“${text}” leaves its drawing`);
    }
    for (const other of drawn) {
      if (!drawing || other.svg !== element.closest('svg')) continue;
      const [a, b] = [box, other.box];
      const overlap = [Math.min(a.right, b.right) - Math.max(a.left, b.left),
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
      if (overlap[0] > 1 && overlap[1] > 3) faults.push(`“${text}” covers “${other.text}”`);
    }
    if (drawing) drawn.push({svg: element.closest('svg'), box, text});
    const style = getComputedStyle(element), isDrawn = element instanceof SVGElement;
    const [a, b] = [parts(isDrawn ? style.fill : style.color), behind(element)].map(luminance)
      .sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) {
      faults.push(`contrast ${ratio.toFixed(2)} in ${name(element)}: ${text.slice(0, 40)}`);
    }
  }
  if (texts === 0) faults.push('there is no text');
  const list = document.createElement('script');
  list.id = 'checked';
  list.type = 'application/json';
  list.textContent = JSON.stringify(faults).replaceAll('<', '\\u003c');
  document.body.append(list);
};
