"""Our reading of mail beside Python's and GMime's, on mails made from seeds, whole and broken. Each disagreement must fall in a
class that compare.py explains.

    differential_test.py MAIL_DUMP [MAIL_DUMP_GMIME]
"""

import collections
import pathlib
import random
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[3] / "tests")]
import compare
import mails
import readers
import tap

WHOLE, BROKEN = 1000, 3000
OURS, GMIME = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None


def make(seed, is_broken):
    generator = random.Random(seed)
    raw = mails.mail(generator)
    return mails.broken(generator, raw) if is_broken else raw


class Differential(unittest.TestCase):
    used = collections.Counter()

    @classmethod
    def setUpClass(cls):
        cls.mails = [(f"seed {seed}", make(seed, False)) for seed in range(WHOLE)]
        cls.mails += [(f"seed {seed}, broken", make(seed, True)) for seed in range(BROKEN)]
        cls.ours = readers.Program(OURS).read_all([raw for _, raw in cls.mails])

    def compare_with(self, name, reader):
        unexplained = []
        others = reader.read_all([raw for _, raw in self.mails])
        for (label, raw), ours, theirs in zip(self.mails, self.ours, others):
            for case in compare.disagreements(raw, ours, theirs, name):
                found = compare.class_of(case)
                self.used[found] += 1
                if found is None:
                    unexplained.append(f"{label}: {case}")
        self.assertEqual(unexplained, [], "\n".join(["disagreements that no class explains:", *unexplained[:20]]))

    def test_1_python(self):
        self.compare_with("Python", readers.Python())

    @unittest.skipIf(GMIME is None, "libgmime-3.0-dev is missing")
    def test_2_gmime(self):
        self.compare_with("GMime", readers.Program(GMIME))

    @unittest.skipIf(GMIME is None, "libgmime-3.0-dev is missing")
    def test_3_every_class_explains_something(self):
        self.assertEqual([name for name, _, _ in compare.CLASSES if not self.used[name]], [])


class Corruption(unittest.TestCase):
    """The comparison sees a reader that is wrong."""

    def test_changed_answers_are_seen(self):
        raw = make(1, False)
        ours = readers.Program(OURS).read_all([raw])[0]
        for change in ({"subject": "another"}, {"from_address": "a@b.example"}, {"date": None}, {"parts": ours["parts"][1:]},
                       {"parts": [dict(part, sha256="0") for part in ours["parts"]]}, {"parts": [dict(part, name="x") for part in ours["parts"]]}):
            cases = list(compare.disagreements(raw, dict(ours, **change), readers.read_with_python(raw), "Python"))
            self.assertTrue(any(compare.class_of(case) is None for case in cases), change)


tap.main()
