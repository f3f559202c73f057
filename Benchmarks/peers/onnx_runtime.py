"""The networks in ONNX Runtime: inference alone, a session for each number of images at once."""

import harness
import onnxruntime
from onnx_model import parameters, pictures, written


class ONNXRuntime:
    versions = {"onnxruntime": onnxruntime.__version__}

    def __init__(self, network, threads, words, images, labels):
        self.network, self.threads, self.images = network, threads, images
        self.parameters = parameters(network)
        self.sessions = {}

    def predict(self, numbers):
        """Of the first images, as many as there are numbers."""
        count = len(numbers)
        if count not in self.sessions:
            self.sessions[count] = self.session(count)
        session, binding, _ = self.sessions[count]
        session.run_with_iobinding(binding)
        return binding.get_outputs()[0].numpy()

    def session(self, count):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        session = onnxruntime.InferenceSession(
            written(self.network, count), options, providers=["CPUExecutionProvider"]
        )
        # Bound once: a call neither looks names up nor copies.
        binding = session.io_binding()
        images = onnxruntime.OrtValue.ortvalue_from_numpy(pictures(self.images, count))
        binding.bind_ortvalue_input("images", images)
        binding.bind_output(session.get_outputs()[0].name)
        return session, binding, images  # the binding does not keep them


if __name__ == "__main__":
    harness.main(ONNXRuntime)
