#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/RUNBOOK.md names every kind of incident that the code can open, and the table of the alerts
has a row of each (callers may ask for those alone); this says whether it is so.

    tools/runbook.py [ROOT]     prints what is missing, exit 1 on a finding

A kind is a literal where an incident is made. A call that hands a kind on is known below; another
one is a finding, so that no kind can hide in a variable.
"""
import os
import re
import sys

MADE = re.compile(r"\b(?:incident\(|Alarm(?: \w+)?\{|IncidentOpened\{)\s*([^,;(){}]*)")
LITERAL = re.compile(r'^"(\w+)"$')
# What begins with these is no kind made here: a declaration, an empty value, a kind of elsewhere.
HANDED_ON = ("", "std::string", "std::string kind", "const char* kind", "kind", "std::move",
             "alarm.kind")
# Tables of kinds: the levels of the alerts, the words for what a person is needed for, constants.
TABLES = [
    ("belay/views/alert.cpp", re.compile(r'Row\{"(\w+)"')),
    ("belay/tws/session_state.cpp", re.compile(r'return \{"(\w+)", "')),
    ("belay/tws/wait_table.cpp", re.compile(r'string_view \w+ = "(\w+)"')),
    ("belay/core/link/link.cpp", re.compile(r'\bkind = "(\w+)"')),
]


def sources(root):
    for folder in ("belay", "apps"):
        for place, _, files in os.walk(os.path.join(root, folder)):
            for name in sorted(files):
                if name.endswith(".cpp") and not name.endswith("_test.cpp"):
                    yield os.path.join(place, name)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def kinds_of(root):
    """The kinds, each with the file that makes it, and the calls that are not understood."""
    kinds, findings = {}, []
    for path in sources(root):
        name = os.path.relpath(path, root)
        text = re.sub(r"//[^\n]*", "", read(path))
        for made in MADE.finditer(text):
            first = made.group(1).strip()
            literal = LITERAL.match(first)
            if literal:
                kinds.setdefault(literal.group(1), name)
            elif first not in HANDED_ON:
                line = text[:made.start()].count("\n") + 1
                findings.append(f"{name}:{line}: the kind '{first}' is no literal")
    for name, pattern in TABLES:
        path = os.path.join(root, name)
        found = pattern.findall(read(path)) if os.path.isfile(path) else []
        if not found:
            findings.append(f"{name}: there is no table of kinds any more")
        for kind in found:
            kinds.setdefault(kind, name)
    return kinds, findings


def check(root):
    kinds, findings = kinds_of(root)
    page = read(os.path.join(root, "docs/RUNBOOK.md"))
    rows = "\n".join(line for line in page.split("\n") if line.startswith("|"))
    alerts, row = TABLES[0]
    levels = row.findall(read(os.path.join(root, alerts)))
    for kind, name in sorted(kinds.items()):
        if kind not in levels:
            findings.append(f"{alerts}: no row has `{kind}` ({name})")
        if f"`{kind}`" not in rows:
            findings.append(f"docs/RUNBOOK.md: no row names `{kind}` ({name})")
    return findings


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(
        os.path.dirname(os.path.abspath(__file__)))
    findings = check(root)
    for finding in findings:
        print(finding)
    print(f"runbook: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
