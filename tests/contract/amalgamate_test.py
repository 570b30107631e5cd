#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds amalgamate.py to its rules: each test changes a small sound tree and looks at what is said about it.

Run: python3 tests/contract/amalgamate_test.py
"""
import os
import sys

# Not this folder first: a script here that is named like a module of Python's, such as warnings.py, would hide it.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.dirname(os.path.dirname(HERE))
sys.path.append(HERE)
sys.dont_write_bytecode = True  # leave no __pycache__ beside amalgamate.py

import pathlib
import shutil
import subprocess
import unittest

import amalgamate
from sound_tree import COMPILER, EXPECTED, HEAD, SOCKET, SOUND, SPINE, VERSION, TreeTest

ROOT = pathlib.Path(amalgamate.__file__).resolve().parent


class AmalgamateTest(TreeTest):
    tool = amalgamate
    when_accepted = "wrote openai_stream.hpp\n"

    # ---- what is generated -----------------------------------------------------------------------

    def test_a_sound_tree_gives_the_expected_bytes(self):
        self.assertEqual(self.assert_accepted({}), EXPECTED)

    def test_the_same_tree_elsewhere_gives_the_same_bytes(self):
        headers = []
        for name in ("one", "another place"):
            root = self.tree(name=name)
            self.run_on(root)
            headers.append((root / "openai_stream.hpp").read_bytes())
        self.assertEqual(headers[0], headers[1])

    def test_the_part_for_c_stands_before_all_that_is_cpp(self):
        part = "#pragma once\n#if !defined(__cplusplus)\n#include <stddef.h>\nint for_c(void);\n#endif\n"
        text = self.assert_accepted({"src/c/api.hpp": part, "src/all.hpp": SPINE + '#include "c/api.hpp"\n'})
        before, _, after = text.partition("\n#if defined(__cplusplus)\n")
        self.assertIn("#include <stddef.h>\nint for_c(void);\n", before)
        self.assertNotIn("for_c", after)
        self.assertIn("namespace", after)

    def test_a_second_run_writes_nothing(self):
        root = self.tree()
        self.run_on(root)
        before = (root / "openai_stream.hpp").stat().st_mtime_ns
        self.assertEqual(self.run_on(root), (0, ""))
        self.assertEqual((root / "openai_stream.hpp").stat().st_mtime_ns, before)

    def test_a_stale_header_is_written_anew(self):
        root = self.tree()
        (root / "openai_stream.hpp").write_bytes(b"old\n")
        self.assertEqual(self.run_on(root), (0, "wrote openai_stream.hpp\n"))
        self.assertEqual((root / "openai_stream.hpp").read_bytes().decode("ascii"), EXPECTED)

    def test_it_runs_as_a_command_from_any_folder_on_the_tree_it_lies_in(self):
        root = self.tree()
        shutil.copy(ROOT / "amalgamate.py", root)
        for options, status in (([], 0), (["--check"], 0), (["--nonsense"], 2)):
            command = [sys.executable, str(root / "amalgamate.py"), *options]
            run = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.assertEqual(run.returncode, status)
        self.assertEqual((root / "openai_stream.hpp").read_bytes().decode("ascii"), EXPECTED)
        (root / "src/base/end.hpp").unlink()
        run = subprocess.run([sys.executable, str(root / "amalgamate.py")], stdout=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 1)

    def test_output_goes_where_it_is_told(self):
        root, file = self.tree(), self.folder / "elsewhere.hpp"
        self.assertEqual(self.run_on(root, "--output", str(file)), (0, "wrote elsewhere.hpp\n"))
        self.assertEqual(file.read_bytes().decode("ascii"), EXPECTED)
        self.assertFalse((root / "openai_stream.hpp").exists())

    def test_an_include_in_a_comment_or_a_raw_string_stays(self):
        body = '/*\n#include <vector>\n*/\nconst char* const text = R"x(\n#include <map>\n#pragma once\n\n\n)x";'
        self.assertIn(body, self.assert_accepted(self.core(body)))

    def test_an_intrinsics_header_inside_if_stays_there(self):
        body = "#if defined(__SSE2__)\n#include <emmintrin.h>\n#endif"
        self.assertIn(body, self.assert_accepted(self.core(body)))

    def test_a_core_header_is_hoisted_once_whoever_asks(self):
        header = self.assert_accepted(self.core("#include <string.h>\n#include <stddef.h>"))
        self.assertIn("\n#include <stdint.h>\n#include <stddef.h>\n#include <string.h>\n\n// ---- ", header)
        self.assertEqual(header.count("#include <stddef.h>"), 1)

    # ---- --check ---------------------------------------------------------------------------------

    def test_check_is_content_with_a_fresh_header(self):
        root = self.tree()
        self.run_on(root)
        self.assertEqual(self.run_on(root, "--check"), (0, ""))

    def test_check_shows_the_start_of_the_difference_and_writes_nothing(self):
        root = self.tree()
        stale = EXPECTED.replace("struct Word", "struct Wort")
        (root / "openai_stream.hpp").write_bytes(stale.encode("ascii"))
        status, said = self.run_on(root, "--check")
        self.assertEqual(status, 1)
        self.assertIn("stale", said)
        self.assertIn("\n-struct Wort { size_t size; };\n+struct Word { size_t size; };\n", said)
        self.assertEqual((root / "openai_stream.hpp").read_bytes().decode("ascii"), stale)

    def test_check_shows_at_most_twenty_lines(self):
        root = self.tree()
        (root / "openai_stream.hpp").write_bytes(b"\xff\n" * 500)
        status, said = self.run_on(root, "--check")
        self.assertEqual((status, len(said.splitlines())), (1, 21))

    def test_check_sees_other_line_ends(self):
        root = self.tree()
        (root / "openai_stream.hpp").write_bytes(EXPECTED.replace("\n", "\r\n").encode("ascii"))
        self.assertEqual(self.run_on(root, "--check")[0], 1)

    def test_check_says_that_the_header_is_missing(self):
        self.assert_refused({}, "openai_stream.hpp is missing: run amalgamate.py", options=["--check"])

    def test_check_also_runs_the_checks(self):
        root = self.tree()
        self.run_on(root)
        (root / "src/http/head.hpp").write_bytes(b"#pragma once\n#include \"tail.hpp\"\n")
        status, said = self.run_on(root, "--check")
        self.assertEqual(status, 1)
        self.assertTrue(said.startswith("src/http/head.hpp:2: there is no .hpp file"), said)

    # ---- files that must be there ------------------------------------------------------------------

    def test_a_missing_tour_licence_spine_or_version_is_named(self):
        for path in ("src/tour.txt", "LICENSE", "src/all.hpp", "src/base/version.hpp"):
            with self.subTest(path):
                self.assert_refused({path: None}, f"{path}:1: this file is missing")

    def test_a_version_number_that_is_not_a_plain_number_is_refused(self):
        text = SOUND[VERSION].replace("MINOR 2", "MINOR 02")
        self.assert_refused({VERSION: text}, "src/base/version.hpp:1: OPENAI_STREAM_VERSION_MINOR <number")

    # ---- text ------------------------------------------------------------------------------------

    def test_text_outside_ascii_is_refused(self):
        self.assert_refused({HEAD: b"#pragma once\n// \xc3\xa9\n"}, "src/http/head.hpp:2: printable ASCII")
        self.assert_refused({HEAD: b"#pragma once\n\x0c\n"}, "src/http/head.hpp:2: printable ASCII")

    def test_carriage_returns_are_refused_once_per_file(self):
        self.assert_refused({HEAD: "#pragma once\n//\r\n//\r\n"}, "src/http/head.hpp:2: LF alone")

    def test_a_missing_newline_at_the_end_is_refused(self):
        self.assert_refused({HEAD: "#pragma once\n// x"}, "src/http/head.hpp:2: no newline at the end")

    def test_a_backslash_at_the_end_of_a_tour_line_is_refused(self):
        self.assert_refused({"src/tour.txt": "c++ \\\n  main.cpp\n"}, "src/tour.txt:1: backslash")

    # ---- files -----------------------------------------------------------------------------------

    def test_a_file_without_pragma_once_is_refused(self):
        self.assert_refused({HEAD: "// x\nstruct A;\n"}, "src/http/head.hpp:2: must be #pragma once")
        self.assert_refused({HEAD: ""}, "src/http/head.hpp:1: must be #pragma once",
                            "src/http/head.hpp:1: no newline")

    def test_a_late_or_second_pragma_once_is_refused(self):
        self.assert_refused({HEAD: "struct A;\n#pragma once\n"}, "src/http/head.hpp:1: must be #pragma once")
        self.assert_core_refused("#pragma once", 2, "a second #pragma once")

    def test_an_if_without_endif_is_refused(self):
        self.assert_core_refused("#if 1\nstruct A;", 3, "do not pair up")
        self.assert_core_refused("struct A;\n#endif", 3, "do not pair up")

    def test_an_include_of_a_file_that_is_not_there_is_refused(self):
        self.assert_core_refused('#include "tail.hpp"', 2, "no .hpp file src/http/tail.hpp")
        self.assert_core_refused('#include "Head.hpp"', 2, "no .hpp file src/http/Head.hpp")

    def test_an_include_line_that_is_not_plain_is_refused(self):
        for line in ("#include OPENAI_STREAM_X", "#include <stddef.h> struct A;", "#include <stddef.h> /* a\n*/",
                     "#include <stddef.h>  // a \\\nb", "#include_next <stddef.h>", "#import <stddef.h>"):
            with self.subTest(line):
                self.assert_core_refused(line, 2, "write one plain #include")

    def test_an_inner_include_inside_if_is_refused_in_the_core_only(self):
        self.assert_core_refused('#if 1\n#include "../base/word.hpp"\n#endif', 3, "inside #if")
        text = '#pragma once\n#if defined(OPENAI_STREAM_SOCKET)\n#include "../io/stream.hpp"\nint x;\n#endif\n'
        self.assertNotIn('"../io', self.assert_accepted({SOCKET: text}))

    # ---- spine -----------------------------------------------------------------------------------

    def test_a_file_nobody_includes_is_refused(self):
        self.assert_refused({"src/json/lost.hpp": "#pragma once\n"}, "src/json/lost.hpp:1: not reachable")

    def test_a_used_file_missing_in_the_spine_is_refused_with_its_chain(self):
        self.assert_refused({"src/json/lost.hpp": "#pragma once\n",
                             "src/json/scanner.hpp": '#pragma once\n#include "lost.hpp"\n'},
                            "src/json/lost.hpp:1: src/all.hpp -> src/json/scanner.hpp -> src/json/lost.hpp")

    def test_a_file_listed_twice_is_refused(self):
        self.assert_refused({"src/all.hpp": SPINE + '#include "sse/line.hpp"\n'},
                            "src/all.hpp:14: src/sse/line.hpp is already listed")

    def test_an_include_of_a_later_file_is_refused(self):
        self.assert_refused({"src/http/body.hpp": "#pragma once\n", "src/all.hpp": SPINE + '#include "http/body.hpp"\n',
                             HEAD: '#pragma once\n\n#include "body.hpp"\n'},
                            "src/http/head.hpp:3: src/http/body.hpp comes later")

    def test_anything_but_includes_of_ours_in_the_spine_is_refused(self):
        for line in ("struct A;", "#define OPENAI_STREAM_X", "#if 1\n#endif", "#include <stddef.h>"):
            with self.subTest(line):
                expected = [f"src/all.hpp:{14 + n}: nothing else" for n in range(len(line.splitlines()))]
                self.assert_refused({"src/all.hpp": SPINE + line + "\n"}, *expected)

    def test_a_cycle_of_includes_is_printed(self):
        self.assert_refused({"src/http/body.hpp": '#pragma once\n#include "head.hpp"\n',
                             "src/all.hpp": SPINE + '#include "http/body.hpp"\n',
                             HEAD: '#pragma once\n\n#include "body.hpp"\n'},
                            "src/http/body.hpp:2: cycle of includes: src/http/head.hpp -> src/http/body.hpp -> src/",
                            "src/http/head.hpp:3: comes later")
        self.assert_core_refused('#include "head.hpp"', 2, "cycle of includes: src/http/head.hpp -> src/http/head.hpp")

    def test_a_cycle_nobody_reaches_is_printed_too(self):
        self.assert_refused({"src/json/a.hpp": '#pragma once\n#include "b.hpp"\n',
                             "src/json/b.hpp": '#pragma once\n#include "a.hpp"\n'},
                            "src/json/b.hpp:2: cycle of includes: src/json/a.hpp -> src/json/b.hpp -> src/json/a.hpp",
                            "src/json/a.hpp:1: not reachable", "src/json/b.hpp:1: not reachable")

    # ---- floors ----------------------------------------------------------------------------------

    def test_an_include_upwards_or_sideways_is_refused_with_the_chain(self):
        for file, other in (
                ("base/word.hpp", "io/stream.hpp"), ("http/head.hpp", "io/stream.hpp"),
                ("sse/line.hpp", "http/head.hpp"), ("json/scanner.hpp", "sse/line.hpp"),
                ("json/scanner.hpp", "http/head.hpp"), ("dialect/event.hpp", "io/stream.hpp"),
                ("dialect/event.hpp", "http/head.hpp"), ("dialect/event.hpp", "sse/line.hpp"),
                ("request/body.hpp", "dialect/event.hpp")):
            with self.subTest(file=file, includes=other):
                root = self.tree({"src/" + file: f'#pragma once\n\n#include "../{other}"\n'})
                status, said = self.run_on(root)
                rooms = f"{file.split('/')[0]} must not include {other.split('/')[0]}"
                self.assertEqual(status, 1)
                self.assertIn(f"src/{file}:3: {rooms}: src/all.hpp -> src/{file} -> src/{other}\n", said)

    def test_the_core_must_not_include_platform(self):
        text = '#pragma once\n#include "../platform/socket.hpp"\n'
        sockets = SOUND[SOCKET].replace('#include "../io/stream.hpp"\n', "")
        spine = SPINE.replace('#include "platform/socket.hpp"\n', "").replace(
            '#include "io/', '#include "platform/socket.hpp"\n#include "io/')
        self.assert_refused({"src/io/stream.hpp": text, SOCKET: sockets, "src/all.hpp": spine},
                            "src/io/stream.hpp:2: io must not include platform: src/all.hpp -> src/io/stream.hpp ->")

    def test_request_and_io_may_use_http(self):
        self.assert_accepted({"src/request/body.hpp": '#pragma once\n#include "../http/head.hpp"\n'})

    def test_a_folder_without_a_floor_is_refused(self):
        self.assert_refused({"src/attic/x.hpp": "#pragma once\n", "src/x.hpp": "#pragma once\n",
                             "src/all.hpp": SPINE + '#include "attic/x.hpp"\n#include "x.hpp"\n'},
                            "src/attic/x.hpp:1: folder 'attic' has no floor", "src/x.hpp:1: folder '' has no floor")

    # ---- the header under a real compiler ----------------------------------------------------------

    def compile(self, text):
        file = self.folder / "main.cpp"
        file.write_text(text)
        command = [COMPILER, "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", str(file)]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        return result.returncode, result.stdout

    @unittest.skipUnless(COMPILER, "no C++ compiler")
    def test_the_same_version_twice_from_two_places_is_harmless(self):
        for name in ("one", "two"):
            self.run_on(self.tree(name=name))
        (self.folder / "two/openai_stream.hpp").write_text(EXPECTED + "// a copy #pragma once does not recognise\n")
        self.assertEqual(self.compile('#include "one/openai_stream.hpp"\n#include "two/openai_stream.hpp"\n'
                                      "int main() { openai_stream::Word word{1}; return word.size == 0; }\n"), (0, ""))

    @unittest.skipUnless(COMPILER, "no C++ compiler")
    def test_two_versions_in_one_translation_unit_are_an_error_in_words(self):
        self.run_on(self.tree(name="one"))
        self.run_on(self.tree({VERSION: SOUND[VERSION].replace("PATCH 3", "PATCH 4")}, name="two"))
        status, said = self.compile('#include "one/openai_stream.hpp"\n#include "two/openai_stream.hpp"\n')
        self.assertNotEqual(status, 0)
        self.assertIn("this translation unit includes version 1.2.4 and another one", said)

    @unittest.skipUnless(COMPILER, "no C++ compiler")
    def test_the_spine_compiles_by_itself_as_the_header_does(self):
        self.run_on(self.tree())
        for file in ("tree/openai_stream.hpp", "tree/src/all.hpp"):
            self.assertEqual(self.compile(f'#include "{file}"\nint main() {{ Stream s; (void)s; }}\n'), (0, ""))


if __name__ == "__main__":
    unittest.main()
