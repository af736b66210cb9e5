#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""House rules as a test: layers, purity, sizes, unfinished marks. Run by ctest.

    tools/tidy.py [ROOT]        prints `file:line: rule: what to do instead`, exit 1 on a finding

An exception is a comment on the line or the line before:
    // tidy: allow <rule> because <reason>
"""
import os
import re
import sys

# folder -> what it may include of belay/ (belay/README.md holds the same table for readers).
LAYERS = {
    "base": set(),
    "model": {"base"},
    "core": {"model", "base"},
    "broker": {"core", "model", "base"},
    "engine": {"broker", "core", "model", "base"},
    "views": {"core", "model", "base"},
    "journal": {"base"},
    "history": {"journal", "base"},
    "net": {"base"},
    "tws/wire": {"base"},
    "tws/session": {"tws/wire", "broker", "base"},
    "tws": {"tws/session", "tws/wire", "broker", "core", "model", "base"},
    "api": {"views", "core", "model", "base"},
    "simkit": {"base"},
    "simtws": {"tws/wire", "base"},
}
# room of belay/core -> the rooms that it may include (belay/README.md). `step` is the hand of all machines.
ROOMS = {
    "asks": set(),
    "facts": {"asks"},
    "link": {"facts", "step"},
    "incidents": {"step"},
    "ids": {"facts", "step"},
    "orders": {"asks", "facts", "link", "ids", "step"},
    "evidence": {"asks", "facts", "ids", "orders", "step"},
    "polls": {"asks", "facts", "evidence", "orders", "step"},
    "goals": {"ids", "orders", "step"},
    "archive": {"facts", "ids", "evidence", "step"},
}
# Single headers that cross the table on purpose: the journal knows its port and no order, the engine
# lets the view read it off, the API gives it commands.
EXTRA = {"journal": {"belay/engine/journal_port.hpp"},
         "engine": {"belay/views/gauges.hpp"},
         "api": {"belay/engine/commands_port.hpp", "belay/engine/history_port.hpp"},
         "history": {"belay/engine/history_port.hpp", "belay/engine/snapshot_port.hpp"}}
# What the API may include of core: words, facts, and rules that are functions of the view's book. What the
# machines hold it reads off the view.
VOCABULARY = ("belay/core/asks/", "belay/core/facts/", "belay/core/ids/id_rules.hpp", "belay/core/orders/lane.hpp")
DETERMINISTIC = {"base", "model", "core", "broker", "engine", "views", "tws/wire", "tws/session", "tws", "api",
                 "simtws"}

# rule, pattern over code without comments and strings, what to do instead.
PURITY = [
    ("clock", r"\b\w*_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\btime\(\s*(?:nullptr|NULL|0)\s*\)",
     "time is an input: take base::Time as an argument"),
    ("random", r"\brandom_device\b|\bs?rand\s*\(|\bmt19937", "take a base::Prng or a seed as an argument"),
    ("threads", r"#\s*include\s*<(?:thread|mutex|shared_mutex|atomic|condition_variable|future)>"
                r"|\bstd::(?:j?thread|(?:shared_|recursive_)?mutex|atomic\w*|async|condition_variable)\b",
     "one thread owns this part: no locks here, concurrency lives in net and journal"),
    ("io", r"#\s*include\s*<(?:iostream|fstream|cstdio|filesystem)>|\bstd::(?:cout|cerr|clog|[io]?fstream)\b"
           r"|\b(?:std::)?(?:f?printf|fputs|puts|fopen|fwrite)\s*\(|\bfmt::print\b",
     "return the text or an effect: only apps, net and journal do I/O"),
    ("getenv", r"\bgetenv\s*\(", "settings come in as an options struct"),
    ("float", r"\b(?:float|double)\b", "use base::Decimal, Price or Quantity"),
    ("throw", r"\bthrow\b", "return base::Result with the reason"),
    ("unordered", r"\bunordered_(?:multi)?(?:map|set)\b", "use base::HashMap, or std::map to iterate"),
    ("static", r"^\s*(?:inline\s+)?(?:static|thread_local)\s+(?!assert|constexpr|const\b|inline constexpr)"
               r"(?![^;={]*\()[^;(]*(?:=|;|\{)",
     "keep state in an object that is passed in"),
    ("coroutine", r"\bco_(?:await|yield|return)\b", "write a state machine with a resume point"),
]
MARKS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
ALLOW = re.compile(r"tidy: allow ([\w-]+) because \S")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
CODE = (".cpp", ".hpp")
MARKED = CODE + (".py", ".cmake", ".txt", ".sh")
SKIPPED = {"build", ".git", ".cache", "node_modules", "__pycache__", "golden"}
LINE_MAX = 100
FILE_MAX = 500
FUNCTION_MAX = 70
# Of a class in a header. More needs a reason in the comment before it: `// size: why`.
CLASS_FUNCTIONS = 25
CLASS_MEMBERS = 10
# Classes that were larger when the rule came: their functions and members. They may only shrink.
LARGER = {
    "apps/belay/cli_commands.hpp:CliCommands": (35, 9),
    "apps/belay/daemon.hpp:Daemon": (24, 12),
    "apps/belay/host.hpp:Host": (22, 22),
    "apps/belay/safe_daemon.hpp:SafeDaemon": (33, 14),
    "belay/broker/broker.hpp:Broker": (26, 0),
    "belay/core/core.hpp:Core": (26, 16),
    "belay/core/facts/book.hpp:Book": (63, 32),
    "belay/core/facts/id_book.hpp:IdBook": (32, 9),
    "belay/engine/engine.hpp:Engine": (44, 24),
    "belay/history/history_store.hpp:HistoryStore": (31, 20),
    "belay/history/history_thread.hpp:HistoryThread": (29, 25),
    "belay/journal/sqlite_journal.hpp:SqliteJournal": (32, 13),
    "belay/journal/sqlite_thread_journal.hpp:SqliteThreadJournal": (20, 24),
    "belay/simtws/book.hpp:Book": (31, 15),
    "belay/simtws/exchange.hpp:Exchange": (85, 12),
    "belay/simtws/market.hpp:Market": (18, 11),
    "belay/simtws/server.hpp:Server": (188, 20),
    "belay/tws/foreign_session.hpp:ForeignSession": (29, 16),
    "belay/tws/rounds.hpp:Rounds": (25, 15),
    "belay/tws/session/session.hpp:Session": (42, 21),
    "belay/tws/tws_broker.hpp:TwsBroker": (95, 45),
    "belay/tws/wire/field_filler.hpp:FieldFiller": (26, 2),
    "belay/tws/wire/field_reader.hpp:FieldReader": (45, 12),
    "belay/tws/wire/field_writer.hpp:FieldWriter": (27, 4),
    "bench/bare_gateway.hpp:BareGateway": (13, 11),
    "tests/brokers/venue_broker.hpp:VenueBroker": (25, 13),
    "tests/crash/journal_life.hpp:JournalLife": (18, 14),
    "tests/simulation/world.hpp:World": (48, 34),
    "tests/support/any_day.hpp:AnyDay": (36, 3),
    "tests/support/core_rig.hpp:CoreRig": (38, 3),
}
SIZE_REASON = re.compile(r"^///? size: \S")


def folder_of(path):
    """The library folder of belay/<folder>/..., or None."""
    parts = path.split("/")
    if parts[0] != "belay" or len(parts) < 3:
        return None
    nested = "/".join(parts[1:3])
    return nested if nested in LAYERS else parts[1]


def room_of(path):
    """The room of belay/core/<room>/..., or the bare name of belay/core/<name>.hpp, or None."""
    parts = path.split("/")
    if parts[:2] != ["belay", "core"]:
        return None
    return parts[2] if len(parts) == 4 else parts[2].rsplit(".", 1)[0]


def functions(code):
    """(line, lines) of each function that is in no other one, test cases left out."""
    found, stack, last = [], [], 0
    inside = 0  # how many of the open braces are of functions
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        if code[at] == "{":
            head = code[last:at].strip()
            is_function = not inside and ")" in head and \
                not re.match(r"(?:inline )?(?:namespace|class|struct|enum|union|TEST_CASE)\b", head)
            stack.append((at, is_function))
            inside += is_function
        elif code[at] == "}" and stack:
            begin, is_function = stack.pop()
            if is_function:
                inside -= 1
                found.append((code.count("\n", 0, begin) + 1, code.count("\n", begin, at) + 1))
        last = at + 1
    return found


def classes(code):
    """(line, name, functions, data members) of each class; what is nested counts for itself alone."""
    for match in re.finditer(r"^(?:class|struct)\s+(\w+)[^;{}]*\{", code, re.M):
        depth, flat = 1, []
        for at in range(match.end(), len(code)):
            if code[at] == "}":
                depth -= 1
                if depth == 0:
                    break
                if depth == 1:
                    flat.append("{}")
            elif code[at] == "{":
                depth += 1
            elif depth == 1:
                flat.append(code[at])
        body = re.sub(r"\{\}\s*(?=\n)", ";", "".join(flat))
        parts = [re.sub(r"\b(?:public|private|protected):", "", part).strip() for part in body.split(";")]
        calls = [part for part in parts if re.search(r"\w\s*\(", part) and "= default" not in part
                 and "= delete" not in part
                 and not part.startswith(("using", "friend", "typedef", "struct", "enum", "class"))]
        members = [part for part in parts if part not in calls
                   and re.search(r"\b\w+_(?:\s*(?:=.*|\{\}))?$", part, re.S)]
        yield code.count("\n", 0, match.start()) + 1, match.group(1), len(calls), len(members)


def is_test(path):
    return path.endswith("_test.cpp")


def strip_code(text):
    """The text with comments and literals blanked, line breaks kept."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^(\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
        re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


class Tidy:
    def __init__(self, root):
        self.root = root
        self.findings = []

    def report(self, path, line, rule, advice, lines=None):
        if lines is not None:
            for near in (line - 1, line - 2):
                if 0 <= near < len(lines):
                    allowed = ALLOW.search(lines[near])
                    if allowed and allowed.group(1) == rule:
                        return
        self.findings.append(f"{path}:{line}: {rule}: {advice}")

    def check_layers(self, path, lines):
        folder = folder_of(path)
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            if target.startswith("apps/") and not path.startswith(("apps/", "tests/", "bench/")):
                self.report(path, number, "layer", "nothing includes apps: move it into belay/", lines)
            if re.match(r"(?:boost/)?asio\b", target) and folder != "net":
                self.report(path, number, "layer", "only belay/net includes Asio: use its interface",
                            lines)
            if folder is None or not target.startswith("belay/"):
                continue
            if is_test(path) and target.startswith("belay/journal/memory_journal"):
                continue
            self.check_room(path, number, target, lines)
            self.check_vocabulary(path, number, target, lines)
            other = folder_of(target)
            known = folder in LAYERS
            if not known:
                self.report(path, number, "layer", f"belay/{folder} is not in the table of tidy.py",
                            lines)
            elif other != folder and other not in LAYERS[folder] and \
                    target not in EXTRA.get(folder, set()):
                allowed = ", ".join(sorted(LAYERS[folder])) or "nothing of belay"
                self.report(path, number, "layer",
                            f"{folder} may include {allowed}, not {other}: turn the dependency around",
                            lines)

    def check_vocabulary(self, path, number, target, lines):
        if folder_of(path) == "api" and folder_of(target) == "core" and not is_test(path) and \
                not target.startswith(VOCABULARY):
            self.report(path, number, "layer", "the API reads the view alone: publish it there", lines)

    def check_room(self, path, number, target, lines):
        room, other = room_of(path), room_of(target)
        if None in (room, other) or room == other or path.count("/") < 3 or is_test(path):
            return
        allowed = ROOMS.get(room)
        if allowed is None:
            self.report(path, number, "layer", f"belay/core/{room} is not in the table of tidy.py", lines)
        elif other not in allowed:
            self.report(path, number, "layer",
                        f"room {room} may include {', '.join(sorted(allowed)) or 'no other room'}, "
                        f"not {other}: turn the dependency around", lines)

    def check_own_header(self, path, lines):
        """x.cpp includes x.hpp before anything else: so the compiler sees that x.hpp stands alone."""
        own = path[:-len(".cpp")] + ".hpp"
        if not path.endswith(".cpp") or not os.path.exists(os.path.join(self.root, own)):
            return
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if match:
                if match.group(1) != own:
                    self.report(path, number, "own-header", f'include "{own}" first', lines)
                return

    def check_purity(self, path, lines, code):
        if folder_of(path) not in DETERMINISTIC or is_test(path):
            return
        for number, line in enumerate(code, 1):
            for rule, pattern, advice in PURITY:
                if re.search(pattern, line):
                    self.report(path, number, rule, advice, lines)

    def check_sizes(self, path, lines, code):
        for line, length in functions(code):
            if length > FUNCTION_MAX:
                self.report(path, line, "function-size",
                            f"{length} lines: cut it where its parts have names, at most {FUNCTION_MAX}", lines)
        if not path.endswith(".hpp"):
            return
        for line, name, calls, members in classes(code):
            known = LARGER.get(f"{path}:{name}")
            fits = calls <= CLASS_FUNCTIONS and members <= CLASS_MEMBERS
            if known and fits:
                self.report(path, line, "class-size", f"{name} is small now: remove it from LARGER in tidy.py")
            elif not fits and not (known and calls <= known[0] and members <= known[1]) and \
                    not self.has_size_reason(lines, line):
                most = known or (CLASS_FUNCTIONS, CLASS_MEMBERS)
                self.report(path, line, "class-size",
                            f"{name} has {calls} functions and {members} members, at most {most[0]} and "
                            f"{most[1]}: split it by what it owns, or say `// size: why` before it")

    @staticmethod
    def has_size_reason(lines, line):
        above = line - 2
        while above >= 0 and lines[above].startswith("//"):
            if SIZE_REASON.match(lines[above]):
                return True
            above -= 1
        return False

    def check_form(self, path, lines):
        if path.endswith(CODE):
            if not lines or not lines[0].startswith("// SPDX-License-Identifier: "):
                self.report(path, 1, "spdx", "begin with // SPDX-License-Identifier: Apache-2.0")
            if path.endswith(".hpp") and "#pragma once" not in lines:
                self.report(path, 1, "pragma", "add #pragma once behind the opening comment")
            if len(lines) > FILE_MAX:
                self.report(path, FILE_MAX + 1, "size",
                            f"{len(lines)} lines: split by concern, at most {FILE_MAX}")
            for number, line in enumerate(lines, 1):
                if len(line) > LINE_MAX:
                    self.report(path, number, "width", f"at most {LINE_MAX} columns: run clang-format",
                                lines)
        for number, line in enumerate(lines, 1):
            if MARKS.search(line):
                self.report(path, number, "unfinished", "finish it, or open an issue and remove the mark",
                            lines)

    def check_file(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            text = file.read()
        lines = text.split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        self.check_form(path, lines)
        if path.endswith(CODE):
            self.check_layers(path, lines)
            self.check_own_header(path, lines)
            code = strip_code(text)
            self.check_purity(path, lines, code.split("\n"))
            self.check_sizes(path, lines, code)

    def run(self):
        for folder, names, files in os.walk(self.root):
            names[:] = sorted(n for n in names if n not in SKIPPED)
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/")
                if path.endswith(MARKED) and not os.path.islink(os.path.join(self.root, path)):
                    self.check_file(path)
        return self.findings


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    findings = Tidy(root).run()
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
