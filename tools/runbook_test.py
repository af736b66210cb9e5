#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants kinds of incidents in a temporary tree and checks that runbook.py finds what is missing."""
import os
import tempfile
import unittest

import runbook

TREE = {
    "belay/views/alert.cpp": 'Row{"first", critical}, Row{"second", warning}, Row{"third", warning},'
                              'Row{"fourth", warning}',
    "belay/tws/session_state.cpp": 'return {"second", "words"',
    "belay/tws/wait_table.cpp": 'constexpr std::string_view silent = "fourth";',
    "belay/core/link/link.cpp": 'constexpr std::string_view kind = "third";',
    "docs/RUNBOOK.md": "| `first`, `second` | |\n| `third`, `fourth` | |\n",
}


def findings_of(changes):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**TREE, **changes}.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return runbook.check(root)


class Runbook(unittest.TestCase):
    def test_a_page_that_names_all_is_good(self):
        self.assertEqual(findings_of({}), [])

    def test_a_new_kind_is_named_wherever_it_is_made(self):
        for text in ('incident("fresh", id, "x");', 'incident(\n    "fresh", OrderId(), "x");',
                     'hooks_.report(core::Alarm{"fresh", why});', 'core::Alarm alarm{"fresh", why};',
                     'emit(IncidentOpened{"fresh",\n {}, "x"});'):
            found = findings_of({"belay/core/new.cpp": text})
            self.assertEqual(len(found), 2, text)
            self.assertIn("belay/views/alert.cpp: no row has `fresh` (belay/core/new.cpp)", found)
            self.assertIn("docs/RUNBOOK.md: no row names `fresh` (belay/core/new.cpp)", found)

    def test_a_kind_in_a_sentence_is_no_row(self):
        found = findings_of({"docs/RUNBOOK.md": "| `first`, `second`, `fourth` | |\n\nSee `third`.\n"})
        self.assertEqual(len(found), 1)

    def test_a_kind_that_is_no_literal_is_a_finding(self):
        found = findings_of({"belay/core/new.cpp": "incident(pick_one, id, text);"})
        self.assertEqual(len(found), 1)
        self.assertIn("pick_one", found[0])

    def test_a_table_that_is_gone_is_a_finding(self):
        found = findings_of({"belay/views/alert.cpp": "nothing"})
        self.assertIn("no table", " ".join(found))

    def test_tests_and_comments_make_no_kind(self):
        self.assertEqual(findings_of({"belay/core/x_test.cpp": 'incident("odd", id, "x");',
                                      "belay/core/y.cpp": '// incident("odd", id)'}), [])


if __name__ == "__main__":
    unittest.main()
