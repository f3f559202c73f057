import importlib.util
import unittest

from comparison.networks import family
from peers.networks import flat, network, read, translated

INPUT = (28, 28, 1)


def shapes(layers, shape=INPUT):
    return [layer.after for layer in flat(translated(layers, shape))]


def described(layers, **training):
    return {"name": "a", "input": list(INPUT), "layers": layers, "training": training}


class Translator(unittest.TestCase):
    def test_shapes_follow_kernel_stride_padding_and_dilation(self):
        def convolution(**settings):
            (shape,) = shapes([{"conv2d": {"filters": 6, **settings}}])
            return shape

        self.assertEqual(convolution(kernel=5), (24, 24, 6))
        self.assertEqual(convolution(kernel=5, padding="same"), (28, 28, 6))
        self.assertEqual(convolution(kernel=3, stride=2, padding="same"), (14, 14, 6))
        self.assertEqual(convolution(kernel=[5, 3], stride=[2, 1]), (12, 26, 6))
        self.assertEqual(convolution(kernel=3, dilation=2), (24, 24, 6))
        self.assertEqual(convolution(kernel=3, padding=2), (30, 30, 6))
        self.assertEqual(convolution(kernel=3, padding=[0, 1, 2, 3]), (27, 31, 6))

    def test_an_odd_row_of_same_goes_to_the_bottom(self):
        (layer,) = translated(
            [{"conv2d": {"filters": 1, "kernel": 3, "stride": 2, "padding": "same"}}], INPUT
        )
        self.assertEqual(layer["pads"], ((0, 1), (0, 1)))

    def test_a_pooling_steps_by_its_window_unless_told(self):
        self.assertEqual(shapes(["max_pool2d"]), [(14, 14, 1)])
        self.assertEqual(shapes([{"avg_pool2d": {"window": 3, "stride": 2}}]), [(13, 13, 1)])

    def test_a_depthwise_convolution_has_a_group_for_each_channel(self):
        (layer,) = translated([{"depthwise_conv2d": {"kernel": 3, "multiplier": 2}}], (8, 8, 5))
        self.assertEqual((layer["groups"], layer["filters"], layer.after), (5, 10, (6, 6, 10)))

    def test_blocks_are_listed_as_the_summary_lists_them(self):
        inner = [{"conv2d": {"filters": 4, "kernel": 3, "stride": 2, "padding": "same"}}, "relu"]
        made = network(described([
            {"residual": {"layers": inner}},
            {"concatenate": {"branches": [["relu"], [{"conv2d": {"filters": 2, "kernel": 1}}]]}},
            {"multiply": {"layers": ["global_avg_pool2d"]}},
        ]))
        self.assertEqual(made.listed(), [
            ("conv2d", (14, 14, 4)), ("relu", (14, 14, 4)), ("conv2d", (14, 14, 4)),
            ("add", (14, 14, 4)), ("relu", (14, 14, 4)), ("conv2d", (14, 14, 2)),
            ("concatenate", (14, 14, 6)), ("global_avg_pool2d", (6,)), ("multiply", (14, 14, 6)),
        ])

    def test_a_shortcut_of_the_same_shape_is_none(self):
        (layer,) = translated([{"residual": {"layers": ["relu"]}}], INPUT)
        self.assertEqual(layer.parts[1], ())

    def test_only_the_first_dense_layer_reads_an_image(self):
        dense = {"dense": {"units": 5}}
        dropout = {"dropout": {"rate": 0.5}}
        layers = translated(["flatten", "relu", dropout, dense, dense], (2, 3, 4))
        self.assertEqual([layer.image for layer in layers[3:]], [(2, 3, 4), None])

    def test_training_has_the_defaults_of_a_model_file(self):
        made = network(described(["flatten"], optimizer="sgd", momentum=0.9))
        self.assertEqual((made.batch, made.learning_rate, made.momentum), (64, 0.01, 0.9))
        made = network(described(["flatten"], optimizer="adamw", learning_rate="1e-3"))
        self.assertEqual((made.learning_rate, made.weight_decay), (0.001, 0.004))

    def test_what_the_peers_do_not_have_is_refused(self):
        for layers, training in (
            (["prelu"], {}),
            ([{"conv2d": {"filters": 1, "kernel": 1, "trainable": False}}], {}),
            ([{"conv2d": {"filters": 1}}], {}),
            ([{"max_pool2d": {"padding": 1}}], {}),
            (["flatten"], {"mixup": 0.2}),
            (["flatten"], {"optimizer": "rmsprop"}),
        ):
            with self.assertRaises(ValueError):
                network(described(layers, **training))

    @unittest.skipUnless(importlib.util.find_spec("yaml"), "needs PyYAML")
    def test_every_network_of_the_family_can_be_built(self):
        for name, each in family().items():
            made = read(each.model)
            self.assertEqual(made.name, name)
            self.assertEqual(made.layers[-1].after, (10,))
            if name != "lenet5":
                self.assertIn(made.batch, (32, 100, 128))


if __name__ == "__main__":
    unittest.main()
