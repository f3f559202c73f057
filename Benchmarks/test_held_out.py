"""Tests of held_out.py: which records go where, and what is refused."""

import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("held_out.py")


def idx(extents, count, body):
    header = struct.pack(f">4B{1 + len(extents)}I", 0, 0, 8, 1 + len(extents), count, *extents)
    return header + body


class HeldOut(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.data = pathlib.Path(temporary.name, "data")
        self.folder = pathlib.Path(temporary.name, "held-out")
        self.data.mkdir()

    def put(self, images, labels):
        pixels = bytes(i % 251 for i in range(2 * images))
        (self.data / "train-images-idx3-ubyte").write_bytes(idx([1, 2], images, pixels))
        # Labels gzipped and images not: both are read.
        (self.data / "train-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(idx([], labels, bytes(i % 10 for i in range(labels)))))

    def run_script(self, *arguments):
        command = [sys.executable, SCRIPT, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def test_the_last_records_are_held_out(self):
        self.put(10_003, 10_003)
        self.assertEqual(self.run_script(self.data, self.folder).returncode, 0)

        def content(name):
            return gzip.decompress((self.folder / name).read_bytes())

        self.assertEqual(content("train-labels-idx1-ubyte.gz"), idx([], 3, bytes([0, 1, 2])))
        self.assertEqual(
            content("train-images-idx3-ubyte.gz"), idx([1, 2], 3, bytes([0, 1, 2, 3, 4, 5])))
        last = content("t10k-images-idx3-ubyte.gz")
        self.assertEqual(last[:16], idx([1, 2], 10_000, b""))
        self.assertEqual(last[16:18], bytes([6, 7]))

    def test_bad_data_is_one_line(self):
        self.put(10_003, 10_000)
        message = self.run_script(self.data, self.folder).stderr
        self.assertIn("found 10,003 and 10,000", message)
        self.assertEqual(message.count("\n"), 1)
        (self.data / "train-images-idx3-ubyte").write_bytes(b"label,pixel\n")
        self.assertIn("is no IDX file", self.run_script(self.data, self.folder).stderr)
        self.put(10_003, 10_003)
        labels = self.data / "train-labels-idx1-ubyte.gz"
        whole = labels.read_bytes()
        labels.write_bytes(whole[:-20])
        message = self.run_script(self.data, self.folder).stderr
        self.assertTrue("damaged" in message and message.count("\n") == 1, message)
        labels.write_bytes(whole)
        self.assertIn("is the data set itself", self.run_script(self.data, self.data).stderr)
        self.assertFalse(self.folder.exists())


if __name__ == "__main__":
    unittest.main()
