#!/usr/bin/env python3
"""What `dependencies.py` accepts and what it tells of."""
import unittest

from dependencies import REGISTRY, ROOT, Rule, problems_of_crates, problems_of_npm, satisfied

RULE = Rule({
    "allow": ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"],
    "exceptions": [{"crate": "axe", "allow": ["MPL-2.0"]}],
    "clarify": [{"crate": "old", "expression": "MIT"}],
})


def crate(**changes):
    return {"name": "a", "version": "1.0.0", "source": REGISTRY, "license": "MIT", "manifest_path": "/"} | changes


def npm(**changes):
    return {"version": "1.0.0", "integrity": "sha512-x", "license": "MIT"} | changes


class Licences(unittest.TestCase):
    def test_expressions_are_read_as_spdx_has_them(self):
        for expression, met in [
            ("MIT", True), ("GPL-3.0", False), ("GPL-3.0 OR MIT", True), ("GPL-3.0/MIT", True), ("MIT AND GPL-3.0", False),
            ("MIT AND ISC", True), ("GPL-3.0 OR MIT AND ISC", True), ("MIT AND (GPL-3.0 OR ISC)", True),
            ("(MIT OR GPL-3.0) AND GPL-3.0", False), ("Apache-2.0 WITH LLVM-exception", True), ("Apache-2.0", False),
            ("(GPL-3.0 OR (MIT))", True), ("MIT AND", False), ("MIT ISC", False), ("(MIT", False), ("", False),
        ]:
            self.assertEqual(satisfied(expression, RULE.allowed), met, expression)

    def test_an_exception_is_for_one_package(self):
        self.assertTrue(RULE.accepts("axe", "MPL-2.0"))
        self.assertFalse(RULE.accepts("other", "MPL-2.0"))
        self.assertTrue(RULE.accepts("old", None))
        self.assertFalse(RULE.accepts("other", None))


class Packages(unittest.TestCase):
    def told(self, **changes):
        return len(list(problems_of_crates({"packages": [crate(**changes)]}, {("a", "1.0.0"): "x"}, RULE)))

    def test_crates_come_pinned_from_the_registry_or_lie_here(self):
        self.assertEqual(self.told(), 0)
        self.assertEqual(self.told(source=None, license=None, manifest_path=str(ROOT / "crates/a/Cargo.toml")), 0)
        self.assertEqual(self.told(source=None), 1)
        self.assertEqual(self.told(source="git+https://example.org/a"), 1)
        self.assertEqual(self.told(version="2.0.0"), 1)
        self.assertEqual(self.told(license="GPL-3.0"), 1)

    def test_npm_packages_have_a_sha512_and_a_licence(self):
        def told(path="node_modules/b/node_modules/@c/a", **changes):
            return len(list(problems_of_npm({"packages": {"": {}, path: npm(**changes)}}, RULE)))
        self.assertEqual(told(), 0)
        self.assertEqual(told("node_modules/old", license=None), 0)
        self.assertEqual(told("node_modules/x/node_modules/axe", license="MPL-2.0"), 0)
        self.assertEqual(told(license="MPL-2.0"), 1)
        self.assertEqual(told(integrity=""), 1)
        self.assertEqual(told(integrity="sha1-x"), 1)
        self.assertEqual(told(resolved="git+ssh://example.org/a"), 1)


if __name__ == "__main__":
    unittest.main()
