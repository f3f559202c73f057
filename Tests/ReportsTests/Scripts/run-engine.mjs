// Runs the network of a page by the page's own script, outside of a browser.
//
//   node run-engine.mjs PAGE IMAGES WINNERS RESULTS
//
// IMAGES holds 32-bit floats, an image after the other. RESULTS gets, for image number i, all activations
// but the image, then the gradients of all activations from the image on, from that of output number i
// modulo the number of outputs.
//
// Where an image is flat, the numbers of a window are equal but for rounding, and which of them wins
// follows from the order of sums. WINNERS holds, for each image, the positions (32-bit integers) that have
// won each max pooling elsewhere. The gradient takes those where the two numbers are so equal; any other
// winner is an error.
import {readFileSync, openSync, writeSync, closeSync} from 'node:fs';
import vm from 'node:vm';

const [page, images, winners, results] = process.argv.slice(2);
const text = readFileSync(page, 'utf8');
const script = id => text.match(new RegExp(`<script id="${id}"[^>]*>([^]*?)</script>`))[1];
const run = vm.runInNewContext(`${script('engine')}
(json, images, winners, write) => {
  const network = Network.of(JSON.parse(json).model), size = count(network.input);
  if (!network.isWhole) throw new Error(network.misfit);
  let place = 0;
  const settle = result => network.nodes.forEach((node, n) => {
    if (node.kind !== 'max_pool2d') return;
    const [input] = node.inputs, x = result.activations[input];
    const w = windowsOver(node, network.shapes[input]), {argmax} = result.records[n];
    const at = (index, tap) => {
      const places = w.places[Math.floor(index / w.channels)];
      for (let i = 0; i < places.length; i += 2) {
        if (places[i + 1] === tap) return x[places[i] * w.channels + index % w.channels];
      }
      throw new Error('a winner outside its window');
    };
    for (let i = 0; i < argmax.length; i++) {
      const other = winners[place++];
      if (other === argmax[i]) continue;
      const [own, others] = [at(i, argmax[i]), at(i, other)];
      if (Math.abs(own - others) > 1e-5 * Math.max(1, Math.abs(own))) {
        throw new Error(\`\${node.name}: \${own} wins here, \${others} elsewhere\`);
      }
      argmax[i] = other;
    }
  });
  for (let i = 0; i * size < images.length; i++) {
    const result = network.forward(images.subarray(i * size, (i + 1) * size));
    settle(result);
    const outputs = result.activations[result.activations.length - 1];
    const gradients = network.backward(result, network.start(outputs, i % outputs.length, 'score'));
    for (const values of [...result.activations.slice(1), ...gradients]) write(values);
  }
}`, {atob});
const read = (path, Kind) => {
  const bytes = readFileSync(path);
  return new Kind(bytes.buffer, bytes.byteOffset, bytes.length / 4);
};
const file = openSync(results, 'w');
run(script('model'), read(images, Float32Array), read(winners, Int32Array), values =>
  writeSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
closeSync(file);
