"""The networks in OpenVINO: inference alone, in FP32, set for latency."""

import harness
import openvino
from onnx_model import parameters, pictures, written


class OpenVINO:
    versions = {"openvino": openvino.__version__}

    def __init__(self, network, threads, words, images, labels):
        self.network, self.images = network, images
        self.parameters = parameters(network)
        self.core = openvino.Core()
        self.settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            # Processors of a virtual machine may be two threads of one core.
            "ENABLE_HYPER_THREADING": True,
        }
        self.requests = {}

    def predict(self, numbers):
        """Of the first images, as many as there are numbers."""
        count = len(numbers)
        if count not in self.requests:
            self.requests[count] = self.request(count)
        request, _ = self.requests[count]
        request.infer()
        return request.get_output_tensor().data

    def request(self, count):
        model = self.core.read_model(written(self.network, count))
        request = self.core.compile_model(model, "CPU", self.settings).create_infer_request()
        kept = pictures(self.images, count)  # the tensor does not keep it
        images = openvino.Tensor(kept, shared_memory=True)
        request.set_input_tensor(images)
        return request, kept


if __name__ == "__main__":
    harness.main(OpenVINO)
