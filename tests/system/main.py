# SPDX-License-Identifier: Apache-2.0
"""Finds and runs the tests: main.py [NAME]. A skipped test is printed with its reason."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def main(name):
    sys.path.insert(0, HERE)
    suite = unittest.TestLoader().discover(HERE, f"test_{name or '*'}.py")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    for test, reason in result.skipped:
        print(f"SKIPPED: {test}: {reason}")
    failed = len(result.failures) + len(result.errors)
    print(f"system: {result.testsRun - failed - len(result.skipped)} passed, {failed} failed, "
          f"{len(result.skipped)} skipped")
    return 1 if failed or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
