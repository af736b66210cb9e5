#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/requirements.md says which test shows each requirement; this says whether it is true.

    tools/requirements.py [ROOT]     prints what is wrong, exit 1 on a finding

Every row names at least one test in backticks that exists (a doctest sentence, or
tests/.../test_x.py::name, or a command that is in scripts/), or begins its last column with
"owned by". Rows of the ranges below must all be there, once.
"""
import os
import re
import sys

# What the tables must hold: prefix, first, last.
RANGES = [("S0", 1, 61), ("S1", 24, 26), ("S1", 62, 62), ("S4", 13, 19), ("S4", 48, 48)]
ROW = re.compile(r"^\| *(S\d+\.\d+[a-z]?) *\|(.*)\|(.*)\| *$")
CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')


def doctest_names(root):
    names = set()
    for folder in ("belay", "apps", "tests"):
        for place, _, files in os.walk(os.path.join(root, folder)):
            for name in files:
                if not name.endswith(".cpp"):
                    continue
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    for case in CASE.finditer(file.read()):
                        text = "".join(PIECE.findall(case.group(1)))
                        names.add(text.replace('\\"', '"').replace("\\\\", "\\"))
    return names


def exists(root, test, cases):
    if test in cases:
        return True
    if "::" in test:
        path, name = test.split("::", 1)
        full = os.path.join(root, path)
        if not os.path.isfile(full):
            return False
        with open(full, encoding="utf-8") as file:
            return re.search(r"\b(def|class) " + re.escape(name) + r"\b", file.read()) is not None
    return os.path.isfile(os.path.join(root, test.split(" ")[0]))


def check(root, text, cases):
    findings = []
    seen = {}
    for number, line in enumerate(text.split("\n"), 1):
        row = ROW.match(line)
        if not row:
            continue
        name, shown = row.group(1), row.group(3).strip()
        if name in seen:
            findings.append(f"line {number}: {name} stands at line {seen[name]} already")
        seen[name] = number
        if shown.startswith("owned by"):
            continue
        tests = re.findall(r"`([^`]+)`", shown)
        if not tests:
            findings.append(f"line {number}: {name} names no test")
        for test in tests:
            if not exists(root, test, cases):
                findings.append(f"line {number}: {name}: there is no test '{test}'")
    for prefix, first, last in RANGES:
        for n in range(first, last + 1):
            if f"{prefix}.{n}" not in seen:
                findings.append(f"{prefix}.{n} has no row")
    return findings


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(
        os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(root, "docs/requirements.md"), encoding="utf-8") as file:
        findings = check(root, file.read(), doctest_names(root))
    for finding in findings:
        print("docs/requirements.md: " + finding)
    print(f"requirements: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
