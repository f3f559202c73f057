"""Writes the pictures of Tests/PicturesTests/Fixtures as files: seeds.py FOLDER."""
import json
import os
import sys

fixtures = os.path.join(os.path.dirname(__file__), "..", "PicturesTests", "Fixtures")
for ending in ("png", "jpeg"):
    with open(os.path.join(fixtures, ending + ".json")) as file:
        for number, entry in enumerate(json.load(file)):
            with open(os.path.join(sys.argv[1], f"{number}.{ending}"), "wb") as output:
                output.write(bytes.fromhex(entry["file"]))
