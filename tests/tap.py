"""Runs unittest cases and prints TAP, so that every case is counted by itself."""

import sys
import traceback
import unittest


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0

    def _line(self, word, test, extra=""):
        self.number += 1
        print(f"{word} {self.number} - {test.id().removeprefix('__main__.')}{extra}", flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def _failed(self, test, error):
        self._line("not ok", test)
        for line in "".join(traceback.format_exception(*error)).splitlines():
            print("# " + line, flush=True)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._failed(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self._failed(test, error)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("ok", test, f" # SKIP {reason}")

    def startTest(self, test):
        super().startTest(test)
        self.bad_subtests = 0

    def stopTest(self, test):
        super().stopTest(test)
        if self.bad_subtests:
            self._line("not ok", test)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.bad_subtests += 1
            print(f"# {subtest}")
            for line in "".join(traceback.format_exception(*error)).splitlines():
                print("# " + line, flush=True)


def main(module="__main__"):
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
    print(f"1..{suite.countTestCases()}", flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
