// Runs the network of a page by the page's own script, outside of a browser.
//
//   node run-engine.mjs PAGE IMAGES RESULTS
//
// IMAGES holds 32-bit floats, an image after the other. RESULTS gets, for image number i, all activations
// but the image, then the gradients of all activations from the image on, from that of output number i
// modulo the number of outputs.
import {readFileSync, openSync, writeSync, closeSync} from 'node:fs';
import vm from 'node:vm';

const [page, images, results] = process.argv.slice(2);
const text = readFileSync(page, 'utf8');
const script = id => text.match(new RegExp(`<script id="${id}"[^>]*>([^]*?)</script>`))[1];
const run = vm.runInNewContext(`${script('engine')}
(json, images, write) => {
  const network = new Network(JSON.parse(json).model), size = count(network.input);
  if (!network.isWhole) throw new Error(network.misfit);
  for (let i = 0; i * size < images.length; i++) {
    const result = network.forward(images.subarray(i * size, (i + 1) * size));
    const outputs = result.activations[result.activations.length - 1];
    const gradients = network.backward(result, network.start(outputs, i % outputs.length, 'score'));
    for (const values of [...result.activations.slice(1), ...gradients]) write(values);
  }
}`, {atob});
const bytes = readFileSync(images);
const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const file = openSync(results, 'w');
run(script('model'), floats, values => writeSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
closeSync(file);
