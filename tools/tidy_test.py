#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants violations of each house rule in a temporary tree and checks that tidy names each."""
import os
import tempfile
import unittest

import tidy

HEAD = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = HEAD + "#pragma once\n"


def findings_of(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return tidy.Tidy(root).run()


def rules_of(path, text):
    return [finding.split(": ")[1] for finding in findings_of({path: text})]


class Layers(unittest.TestCase):
    def check(self, path, include, good):
        found = rules_of(path, HEAD + f'#include "{include}"\n')
        self.assertEqual(found, [] if good else ["layer"], (path, include))

    def test_each_folder_may_include_what_its_row_says_and_nothing_else(self):
        for folder, allowed in tidy.LAYERS.items():
            for other in tidy.LAYERS:
                header = "facts/y.hpp" if other == "core" else "y.hpp"
                self.check(f"belay/{folder}/x.cpp", f"belay/{other}/{header}",
                           other == folder or other in allowed)

    def test_each_room_of_core_may_include_what_its_row_says_and_nothing_else(self):
        for room, allowed in tidy.ROOMS.items():
            for other in set(tidy.ROOMS) - {room}:
                self.check(f"belay/core/{room}/x.cpp", f"belay/core/{other}/y.hpp", other in allowed)
            self.check(f"belay/core/{room}/x.cpp", "belay/core/step.hpp", "step" in allowed)
            self.check(f"belay/core/{room}/x.cpp", "belay/core/core.hpp", False)
            self.check(f"belay/core/{room}/x_test.cpp", "belay/core/core.hpp", True)
        self.check("belay/core/newcomer/x.cpp", "belay/core/facts/y.hpp", False)
        self.check("belay/core/core.cpp", "belay/core/polls/y.hpp", True)

    def test_the_rooms_form_no_circle(self):
        seen = set()
        while len(seen) < len(tidy.ROOMS):
            free = {room for room in set(tidy.ROOMS) - seen if tidy.ROOMS[room] - {"step"} <= seen}
            self.assertTrue(free, set(tidy.ROOMS) - seen)
            seen |= free

    def test_the_journal_may_know_its_port_only(self):
        self.check("belay/journal/x.cpp", "belay/engine/journal_port.hpp", True)
        self.check("belay/journal/x.cpp", "belay/engine/engine.hpp", False)

    def test_the_api_reads_the_view_and_knows_the_words_of_core_alone(self):
        for header, good in (("core/facts/order.hpp", True), ("core/asks/effect.hpp", True),
                             ("core/ids/id_rules.hpp", True), ("core/orders/lane.hpp", True),
                             ("core/orders/outbox.hpp", False), ("core/core.hpp", False),
                             ("core/link/link_state.hpp", False), ("engine/commands_port.hpp", True),
                             ("engine/engine.hpp", False), ("engine/engine_gauges.hpp", False)):
            self.check("belay/api/x.cpp", f"belay/{header}", good)

    def test_nothing_includes_apps(self):
        self.check("belay/api/x.cpp", "apps/belay/daemon.hpp", False)
        self.check("apps/belay/x.cpp", "apps/belay/daemon.hpp", True)
        self.check("tests/x.cpp", "apps/belay/daemon.hpp", True)

    def test_only_net_includes_asio(self):
        self.check("belay/net/x.cpp", "boost/asio/ip/tcp.hpp", True)
        self.check("belay/api/x.cpp", "boost/asio.hpp", False)
        self.check("apps/belay/x.cpp", "boost/asio.hpp", False)

    def test_a_folder_outside_the_table_is_named(self):
        self.check("belay/newcomer/x.cpp", "belay/base/y.hpp", False)


class Purity(unittest.TestCase):
    PLANTED = {
        "clock": ["auto t = std::chrono::steady_clock::now();", "auto t = time(nullptr);"],
        "random": ["std::random_device r;", "int x = rand();"],
        "threads": ["#include <mutex>", "std::atomic<int> x;", "std::thread t;"],
        "io": ["#include <iostream>", "std::ofstream f;", 'std::printf("x");', 'fmt::print("x");'],
        "getenv": ['auto x = std::getenv("X");'],
        "float": ["double x;", "const float y = f();"],
        "throw": ["throw 1;"],
        "unordered": ["std::unordered_map<int, int> m;", "#include <unordered_set>"],
        "static": ["static int count = 0;", "  static std::string cache;", "thread_local int x;"],
        "coroutine": ["co_await x;", "co_return;"],
    }

    def test_every_rule_is_found_in_every_deterministic_folder(self):
        for folder in sorted(tidy.DETERMINISTIC):
            for rule, lines in self.PLANTED.items():
                for line in lines:
                    self.assertIn(rule, rules_of(f"belay/{folder}/x.cpp", HEAD + line + "\n"), line)

    def test_the_rest_may_do_all_of_it(self):
        for path in ("belay/net/x.cpp", "belay/journal/x.cpp", "belay/simkit/x.cpp",
                     "apps/belay/x.cpp", "tests/x.cpp", "belay/core/x_test.cpp"):
            for lines in self.PLANTED.values():
                for line in lines:
                    self.assertEqual(rules_of(path, HEAD + line + "\n"), [], (path, line))

    def test_words_in_comments_texts_and_names_are_no_violation(self):
        good = HEAD + "\n".join([
            "// a double throw of std::mutex, never a float",
            'const char* text = "double throw rand() getenv()";',
            "/* static int x;", "   throw */",
            "static constexpr int limit = 1;",
            "static Result make(int x);",
            "static_assert(sizeof(int) == 4);",
            "  static std::int64_t scalar(Decimal v) { return v.units(); }",
            "constexpr std::int64_t ns = 1'000'000;  // a separator is no quote",
            "int doubled = operand(1);",
            "int runtime(int x);",
        ]) + "\n"
        self.assertEqual(rules_of("belay/core/x.cpp", good), [])

    def test_an_exception_needs_its_rule_and_a_reason(self):
        line = "std::unordered_map<int, int> m;"
        for comment, good in (("// tidy: allow unordered because it is never iterated", True),
                              ("// tidy: allow float because of reasons", False),
                              ("// tidy: allow unordered", False)):
            same = rules_of("belay/core/x.cpp", HEAD + line + "  " + comment + "\n")
            before = rules_of("belay/core/x.cpp", HEAD + comment + "\n" + line + "\n")
            self.assertEqual(same, [] if good else ["unordered"])
            self.assertEqual(before, [] if good else ["unordered"])


class Form(unittest.TestCase):
    def test_unfinished_marks(self):
        for mark in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"):
            self.assertEqual(rules_of("apps/belay/x.cpp", HEAD + f"// {mark}: later\n"), ["unfinished"])
            self.assertEqual(rules_of("tools/x.py", f"# {mark}\n"), ["unfinished"])

    def test_the_first_line_and_the_guard(self):
        self.assertEqual(rules_of("belay/core/x.cpp", "int x();\n"), ["spdx"])
        self.assertEqual(rules_of("belay/core/x.hpp", HEAD), ["pragma"])
        self.assertEqual(rules_of("belay/core/x.hpp", HEADER), [])

    def test_a_source_includes_its_own_header_first(self):
        tree = {"belay/core/x.hpp": HEADER, "belay/core/y.hpp": HEADER}
        first = '#include "belay/core/{}.hpp"\n'
        good = findings_of(tree | {"belay/core/x.cpp": HEAD + first.format("x") + first.format("y")})
        bad = findings_of(tree | {"belay/core/x.cpp": HEAD + first.format("y") + first.format("x")})
        self.assertEqual(good, [])
        self.assertEqual([finding.split(": ")[1] for finding in bad], ["own-header"])

    def test_width_and_size(self):
        self.assertEqual(rules_of("tests/x.cpp", HEAD + "// " + "a" * 98 + "\n"), ["width"])
        self.assertEqual(rules_of("tests/x.cpp", HEAD + "// " + "a" * 97 + "\n"), [])
        self.assertEqual(rules_of("tests/x.cpp", HEAD + "\n" * 500), ["size"])
        self.assertEqual(rules_of("tests/x.cpp", HEAD + "\n" * 499), [])

    def test_a_function_has_seventy_lines_at_most(self):
        body = "int f(int x) {\n" + "  if (x) {\n  }\n" * 34 + "%s}\n"
        self.assertEqual(rules_of("tests/x.cpp", HEAD + body % ""), [])
        self.assertEqual(rules_of("tests/x.cpp", HEAD + body % "\n"), ["function-size"])
        self.assertEqual(rules_of("tests/x.cpp", HEAD + (body % "\n").replace("int f(int x)", 'TEST_CASE("x")')), [])
        in_class = "class X {\n" + ("%s};\n" % (body % ""))
        self.assertEqual(rules_of("tests/x.cpp", HEAD + in_class), [])

    def test_a_class_has_few_functions_and_members_or_a_reason(self):
        calls = "".join(f"  int f{i}(int x) const {{ return x; }}\n  struct S{i} {{ int a(); }};\n" for i in range(25))
        members = "".join(f"  int m{i}_ = 0;\n" for i in range(10))
        for more, good in (("", True), ("  void g();\n", False), ("  std::map<int, int> n_;\n", False)):
            text = "class X {\n" + calls + members + more + "};\n"
            self.assertEqual(rules_of("belay/core/x.hpp", HEADER + text), [] if good else ["class-size"])
            reason = "// size: it is a table.\n/// Of X.\n"
            self.assertEqual(rules_of("belay/core/x.hpp", HEADER + reason + text), [])
            self.assertEqual(rules_of("belay/core/x.hpp", HEADER + reason + "\n" + text),
                             [] if good else ["class-size"])

    def test_a_class_that_was_larger_may_only_shrink(self):
        path = "belay/core/x.hpp"
        def found(calls):
            return rules_of(path, HEADER + "class X {\n" + "  void f();\n" * calls + "};\n")
        tidy.LARGER[path + ":X"] = (30, 0)
        try:
            self.assertEqual([found(31), found(30), found(26), found(25)],
                             [["class-size"], [], [], ["class-size"]])
        finally:
            del tidy.LARGER[path + ":X"]

    def test_build_folders_are_not_read(self):
        self.assertEqual(rules_of("build/x.cpp", "no licence\n"), [])

    def test_a_finding_names_file_line_and_remedy(self):
        found = findings_of({"belay/core/x.cpp": HEAD + "\nthrow 1;\n"})
        self.assertEqual(found, ["belay/core/x.cpp:3: throw: return base::Result with the reason"])


if __name__ == "__main__":
    unittest.main()
