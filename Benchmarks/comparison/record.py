"""What has been measured of the family so far, in a file that is replaced each time."""

import hashlib
import json
import os


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


class Record:
    """`networks` has, by network and program, the reports of its rounds, or why it failed.

    Reports of another version of a network or of MiniCNN are dropped.
    """

    def __init__(self, path, settings):
        self.path = path
        self.content = {"settings": settings, "loads": [], "versions": {}, "networks": {}}
        if path.exists():
            stored = json.loads(path.read_text())
            if stored["settings"] != settings:
                raise ValueError(
                    f"{path} was begun with {stored['settings']}, not {settings}: delete it first"
                )
            self.content = stored

    @classmethod
    def read(cls, path):
        """One that is there, whatever its settings."""
        return cls(path, json.loads(path.read_text())["settings"])

    def prepare(self, network, programs):
        """Forgets what no longer holds. `programs` has the digest of each program that has one."""
        made = self.content["networks"].setdefault(network.name, {})
        if made.get("model") != digest(network.model):
            made.clear()
            made |= {"model": digest(network.model), "programs": {}}
        for name, own in programs.items():
            if made["programs"].get(name, {}).get("digest") != own:
                made["programs"][name] = {"digest": own, "reports": []}

    def of(self, network, name):
        programs = self.content["networks"][network.name]["programs"]
        return programs.setdefault(name, {"reports": []})

    def reports(self, network):
        """By program, those that did not fail."""
        programs = self.content["networks"].get(network.name, {}).get("programs", {})
        return {
            name: made["reports"]
            for name, made in programs.items()
            if made["reports"] and "failed" not in made
        }

    def failures(self):
        for network, made in self.content["networks"].items():
            for name, program in made["programs"].items():
                if "failed" in program:
                    yield f"{network}, {name}: {program['failed']}"

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.content, indent=1))
        os.replace(new, self.path)
