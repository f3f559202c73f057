"""Has a shell complete command lines, as for somebody who types them, and prints what it offers.

complete.py SHELL SCRIPT LINES [BEFORE] reads a JSON list of lines from the file LINES and writes one of lists:
for each line, the words that the shell offers, each with what it says of it. A line that ends with a tab is
completed instead; its list holds the line that has become of it. BEFORE is a file that bash reads before the
script.
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, command, environment):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execvpe(command[0], command, {**os.environ, "TERM": "dumb", **environment})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 1000, 1000, 0, 0))
        self.seen = ""

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read_until(self, mark):
        """What has come up to a mark; a shell that takes a minute for it hangs."""
        deadline = time.monotonic() + 60
        while mark not in self.seen:
            if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                sys.exit(f"no {mark!r} in {self.seen!r}")
            self.seen += os.read(self.terminal, 65536).decode(errors="replace")
        text, self.seen = self.seen.split(mark, 1)
        return text

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


def bash(script, lines, before):
    shell = Terminal(["bash", "--noprofile", "--norc", "-i"], {"PS1": "@ready@", "HISTFILE": ""})
    settings = ["bell-style none", "enable-bracketed-paste off", "completion-query-items -1",
                "page-completions off", "completion-display-width 0", "show-all-if-ambiguous off"]
    for command in (
        ["PS1=@ready@"] + [f"bind 'set {setting}'" for setting in settings]
        + ["""bind -x '"\\C-x\\C-e": printf "@%s:%s@" line "$READLINE_LINE"'"""]
        + [f"source {path}" for path in (before, script) if path]
        + ["printf '@%s@\\n' begin"]
    ):
        shell.type(command + "\n")
    shell.read_until("@begin@")
    shell.read_until("@ready@")

    def answer(line):
        shell.type(line if line.endswith("\t") else line + "\x1b?")
        shell.type("\x18\x05")
        shown = shell.read_until("@line:")
        result = shell.read_until("@")
        # Until the shell takes the next line, the terminal may take it for itself.
        shell.type("\x15printf '@%s@\\n' next\n")
        shell.read_until("@next@")
        shell.read_until("@ready@")
        return shown, result

    answers = []
    for line in lines:
        shown, result = answer(line)
        if line.endswith("\t"):
            answers.append([[result, ""]])
            continue
        if result != line:
            # After an attempt that failed, a single word is put in and not listed: once more.
            shown, result = answer(line)
        # The list stands between the line and the prompt that is drawn anew.
        listed = shown.replace("\r", "").split("\n")[1:]
        listed = [word for word in listed if word and not word.startswith("@ready@")]
        answers.append([[word.rstrip(), ""] for word in listed])
    shell.close()
    return answers


ZSH = r"""
autoload -Uz compinit && compinit -u -d %(folder)s/dump
source %(script)s
PROMPT=@ready@ LISTMAX=1000000
setopt no_list_beep no_beep
compadd() {
    local -a hits abouts
    local name
    local -i place
    if ((${@[(I)-[OAD]]})); then builtin compadd "$@"; return; fi
    place=${@[(I)-(l|)d(l|)]}
    ((place)) && name=${@[place+1]}
    [[ -n $name ]] && abouts=("${(@P)name}")
    builtin compadd -O hits -D abouts "$@"
    for ((place = 1; place <= $#hits; place++)); do
        print -r -- "$hits[place]"$'\t'"$abouts[place]" >>%(folder)s/hits
    done
    builtin compadd "$@"
}
show-line() { print -rn -- "@line:${BUFFER}@" }
zle -N show-line
bindkey '^I' complete-word '^X^L' list-choices '^X^E' show-line
print -r -- "@"begin"@"
"""


def zsh(script, lines, before):
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/.zshrc", "w") as file:
            file.write(ZSH % {"folder": folder, "script": script})
        shell = Terminal(["zsh", "-d", "-i"], {"ZDOTDIR": folder})
        shell.read_until("@begin@")
        shell.read_until("@ready@")
        hits = f"{folder}/hits"
        for line in lines:
            open(hits, "w").close()
            shell.type(line if line.endswith("\t") else line + "\x18\x0c")
            shell.type("\x18\x05")
            shell.read_until("@line:")
            result = shell.read_until("@")
            shell.type("\x15")
            if line.endswith("\t"):
                answers.append([[result, ""]])
                continue
            with open(hits) as file:
                found = [hit.split("\t") for hit in file.read().splitlines()]
            # A description stands behind the word and two dashes.
            answers.append([[word, re.sub(r"^\S+ +-- ", "", about) if " -- " in about else ""]
                            for word, about in found])
        shell.close()
    return answers


def fish(script, lines, before):
    commands = f"source {script}\n" + "".join(
        f"complete -C {quoted(line)}\necho @end@\n" for line in lines)
    output = subprocess.run(
        ["fish", "--no-config", "-c", commands], check=True, capture_output=True, text=True,
        stdin=subprocess.DEVNULL).stdout
    return [[(hit.split("\t") + [""])[:2] for hit in answer.splitlines() if hit]
            for answer in output.split("@end@\n")[:-1]]


def quoted(line):
    return "'" + line.replace("\\", "\\\\").replace("'", "\\'") + "'"


shells = {"bash": bash, "zsh": zsh, "fish": fish}
with open(sys.argv[3]) as file:
    lines = json.load(file)
before = sys.argv[4] if len(sys.argv) > 4 else None
print(json.dumps(shells[sys.argv[1]](sys.argv[2], lines, before)))
