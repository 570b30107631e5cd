#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds lint_src.py to its rules: each test changes a small sound tree and looks at what is said about it.

Run: python3 tests/contract/lint_src_test.py
"""
import os
import sys

# Not this folder first: a script here that is named like a module of Python's, such as warnings.py, would hide it.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.dirname(os.path.dirname(HERE))
sys.path.append(HERE)
sys.dont_write_bytecode = True  # leave no __pycache__ beside amalgamate.py

import re
import unittest
import unittest.mock

import lint_src
from sound_tree import COMPILER, EXPECTED, HEAD, SOCKET, SOUND, SPINE, TreeTest, divider


class LintTest(TreeTest):
    tool = lint_src

    def test_a_sound_tree_is_accepted_without_a_word_and_without_a_file(self):
        self.assertEqual(self.assert_accepted({}), "")

    def test_what_cannot_be_joined_is_named_too(self):
        self.assert_refused({"src/tour.txt": None}, "src/tour.txt:1: this file is missing")
        self.assert_core_refused('#include "tail.hpp"', 2, "no .hpp file src/http/tail.hpp")

    # ---- law 12: style -----------------------------------------------------------------------

    def test_tabs_are_refused(self):
        self.assert_core_refused("int\tx;", 2, "tab")

    def test_trailing_blanks_are_refused(self):
        self.assert_core_refused("struct A;\n//  ", 3, "blanks at the end")

    def test_a_line_of_121_characters_is_refused_and_one_of_120_is_not(self):
        self.assert_core_refused("//" + "x" * 119, 2, "longer than 120")
        self.assert_accepted(self.core("//" + "x" * 118))

    def test_tour_and_licence_leave_room_for_the_comment_signs(self):
        self.assert_refused({"src/tour.txt": "x\n" + "x" * 118 + "\n"}, "src/tour.txt:2: longer than 117")
        self.assert_refused({"LICENSE": "x" * 118 + "\n"}, "LICENSE:1: longer than 117")
        self.assert_accepted({"src/tour.txt": "x" * 117 + "\n"})

    def test_leftover_notes_are_refused_also_in_comments_and_in_the_tour(self):
        for word in ("TODO", "FIXME", "XXX", "HACK"):
            with self.subTest(word):
                self.assert_core_refused(f"// {word}: later", 2, f"unfinished: {word}")
        self.assert_refused({"src/tour.txt": "TODO\n"}, "src/tour.txt:1: unfinished")
        self.assert_accepted(self.core("// a hack, XXXX, TODOS"))

    # ---- sizes -----------------------------------------------------------------------------------

    def test_files_that_are_too_long_are_refused(self):
        def of(lines, first=""):
            return first + "//\n" * (lines - first.count("\n"))
        head, hpp, cpp = "#pragma once\n", "src/http/head.hpp", "tests/http/head_test.cpp"
        self.assert_accepted({hpp: of(350, head), cpp: of(650), "tests/corpus/all.jsonl": of(900)})
        self.assert_refused({hpp: of(351, head)}, f"{hpp}:351: the file has 351 lines")
        self.assert_refused({cpp: of(651)}, f"{cpp}:651: the file has 651 lines")

    # ---- platform --------------------------------------------------------------------------------

    def test_platform_code_outside_its_if_is_refused(self):
        def refused(body, line):
            self.assert_refused({SOCKET: "#pragma once\n// x\n" + body},
                                f"src/platform/socket.hpp:{line}: inside one #if defined(OPENAI_STREAM_<NAME>)")
        wrapped = "#if defined(OPENAI_STREAM_SOCKET)\n#if 1\nint y;\n#else\n#endif\n#endif\n"
        self.assert_accepted({SOCKET: "#pragma once\n// x\n" + wrapped + "// y\n"})
        refused("int x;\n" + wrapped, 3)
        refused("#include <errno.h>\n" + wrapped, 3)
        refused(wrapped + "int x;\n", 9)
        refused(wrapped + wrapped, 9)
        refused("int x;\n", 3)
        refused("", 1)
        refused(wrapped[:-len("#endif\n")] + "#else\nint z;\n#endif\n", 3)

    def test_platform_ifs_on_other_conditions_are_refused(self):
        for condition in ("#if defined(_WIN32)", "#ifdef OPENAI_STREAM_SOCKET", "#if defined(OPENAI_STREAM_socket)",
                          "#if defined(OPENAI_STREAM_A) || defined(OPENAI_STREAM_B)", "#if !defined(OPENAI_STREAM_A)"):
            with self.subTest(condition):
                self.assert_refused({SOCKET: f"#pragma once\n{condition}\nint x;\n#endif\n"},
                                    "src/platform/socket.hpp:2: inside one #if defined(OPENAI_STREAM_<NAME>)")

    # ---- law 8 -----------------------------------------------------------------------------------

    def test_an_if_on_our_macros_inside_a_class_is_refused(self):
        for head in ("struct A", "class A final : public B<(1 > 0)>", "union A", "enum A : int", "enum class A",
                     "template <class T> class A", "struct alignas(8) A", "struct A : B<f(1)>",
                     "namespace n { struct A", "template <class T, class = X<T>> struct A<T*>"):
            for condition in ("#if OPENAI_STREAM_X", "#ifdef OPENAI_STREAM_X", "#ifndef OPENAI_STREAM_X",
                              "#if 0\n#elif defined(OPENAI_STREAM_X)", "# if A && \\\n  OPENAI_STREAM_X"):
                with self.subTest(head=head, condition=condition):
                    line = 3 + condition.startswith("#if 0")
                    self.assert_core_refused(head + " {\n" + condition + "\n#endif\n};", line, "law 8: ")

    def test_an_if_inside_a_member_function_counts_as_inside_the_class(self):
        self.assert_core_refused("struct A {\n  int f() {\n#if OPENAI_STREAM_X\n#endif\n  }\n};", 4, "law 8: ")

    def test_other_ifs_are_left_alone(self):
        ours = "#if OPENAI_STREAM_X\n#endif\n"
        for body in ("struct A {\n#if defined(__SSE2__)  // OPENAI_STREAM_X\n#endif\n};\n" + ours,
                     "struct B make(struct A a) {\n" + ours + "}\n",
                     "template <class T> inline void f() {\n" + ours + "}\n",
                     "#if 1\nstruct C : A {\n#else\nstruct C {\n#endif\n  char c = '{'; /* { */\n};\n" + ours,
                     "#if 1\nstruct D {\n#if 1\n#endif\n};\n#else\n" + ours + "#endif\n"):
            with self.subTest(body):
                self.assert_accepted(self.core(body))

    def test_the_platform_may_do_that(self):
        self.assert_accepted({SOCKET: "#pragma once\n#if defined(OPENAI_STREAM_SOCKET)\nstruct A {\n"
                                                         "#if OPENAI_STREAM_X\n#endif\n};\n#endif\n"})

    # ---- laws 4 to 6 ---------------------------------------------------------------------------

    def test_other_headers_in_the_core_are_refused(self):
        self.assert_core_refused("#include <vector>", 2, "<vector> outside platform/")
        self.assert_core_refused("#if 1\n#include <new>\n#endif", 3, "<new> outside platform/")

    def test_forbidden_words_in_the_core_are_refused(self):
        for word, code in (
                ("throw", "throw 1;"), ("try", "try {"), ("catch", "} catch (...) {}"),
                ("dynamic_cast", "auto a = dynamic_cast<B*>(c);"), ("typeid", "typeid(x);"),
                ("malloc", "malloc(1);"), ("calloc", "calloc(1, 1);"), ("realloc", "realloc(p, 1);"),
                ("free (", "free (p);"), ("std", "std::size_t n;"), ("printf", "::printf();"),
                ("snprintf", "snprintf(a, 1);"), ("virtual ~", "virtual ~A();"), ("goto", "goto end;"),
                ("virtual inline ~", "virtual inline ~A();"), ("new", "p = new int;"), ("new", "new (p) int;"),
                ("new", "p = ::operator new(4);"), ("delete", "delete p;"), ("delete", "delete[] p;"),
                ("__attribute__", "__attribute__((packed)) int x;"),
                ("[[gnu::", "[[gnu::packed]] int x;"), ("__declspec", "__declspec(x)"), ("assert(", "assert(x);"),
                ("getenv", "getenv(x);"), ("errno", "errno = 0;"), ("thread_local", "thread_local int x;"),
                ("default:", "switch (x) { default: break; }"), ("default :", "switch (x) { default : break; }")):
            with self.subTest(code):
                self.assert_core_refused("\n" + code, 3, f"'{word}' ")

    def test_a_literal_does_not_hide_what_follows_it(self):
        for literal in ("1'000", "0x1p+1'0", "u8'x'", "'\\''", "'\"'", '"\\""', '"\'"',
                        'R"(\\)"', 'u8R"a("//)a"', "8 /* ' */"):
            with self.subTest(literal):
                self.assert_core_refused(f"int a = {literal}; throw 1;", 2, "'throw'")

    def test_a_forbidden_word_in_a_macro_is_refused(self):
        self.assert_core_refused("#define OPENAI_STREAM_X \\\n  throw 1\n#undef OPENAI_STREAM_X", 3, "'throw'")

    def test_what_only_looks_like_a_forbidden_word_is_left_alone(self):
        for body in ("// throw try new delete std::string malloc( goto default: errno", "/* throw\n new */",
                     "// a \\\n throw",
                     'const char* const a = "throw new \\" std::x";', "int b = 'new' + 1'000;  // don't throw",
                     'const char* const c = u8"free(" R"("throw)" LR"x(" throw )x";',
                     "struct A { A(const A&) = delete; A& operator=(const A&) =  delete; A() = default; };",
                     "struct A { void* operator new(size_t) = delete; void operator delete(void*, size_t); };",
                     "int try_again, newest, free, print;", 'static_assert(1, ""); int d = static_cast<int>(1);',
                     "#if 0\n#error do not throw a new one\n#endif\n#pragma throw"):
            with self.subTest(body):
                self.assert_accepted(self.core(body))

    def test_attributes_have_a_home_in_config(self):
        text = SOUND["src/base/config.hpp"] + "#define OPENAI_STREAM_A __attribute__((x))\n#undef OPENAI_STREAM_A\n"
        self.assert_accepted({"src/base/config.hpp": text})

    def test_the_platform_may_use_all_that(self):
        self.assert_accepted({SOCKET: "#pragma once\n#if defined(OPENAI_STREAM_SOCKET)\n#include <vector>\n"
                                      "std::vector<int>* f() { static int n = 0; throw new int[n]; }\n#endif\n"})

    def test_a_local_static_variable_is_refused(self):
        for line, code in ((3, "int f() {\n  static int n = 0;\n  return n;\n}"),
                           (4, "int f() {\n  int a = 1;\n  static const char t[] = {1};\n}"),
                           (6, "struct A {\n  int f() {\n    if (x) {\n\n      static\n        int n;\n    }\n  }\n};"),
                           (2, "auto l = [] { static int n{1}; };"),
                           (3, "template <class T> int f() {\n  const static T n = constexpr_f();\n}"),
                           (3, "int f() {\n  static\n#if 1 && \\\n  1\n#endif\n  int n;\n}"),
                           (3, "int f() {\n  if constexpr (a()) static int b;\n}"),
                           (3, "int f() {\n  static auto n = [](int a) constexpr { return a; };\n}")):
            with self.subTest(code):
                self.assert_core_refused(code, line, "function-local static")

    def test_other_statics_are_left_alone(self):
        for body in ("static int a();", "namespace n { static const int b = 1; }", 'extern "C" { static int c(); }',
                     "struct S : B<decltype(a())> { static int d(); static int e() { return 1; } };",
                     "int f() {\n  static constexpr int h = 1;\n  constexpr static char i[] = {'a'};\n}",
                     "int f() {\n  struct L { static int j(); };\n  static_assert(1, \"\");\n}",
                     "int f() {\n  return static_cast<int>(h);\n}"):
            with self.subTest(body):
                self.assert_accepted(self.core(body))

    # ---- macros ----------------------------------------------------------------------------------

    def test_a_macro_that_is_not_undefined_later_is_refused(self):
        self.assert_core_refused("#define OPENAI_STREAM_X 1", 2, "macro OPENAI_STREAM_X leaks")
        self.assert_core_refused("#undef OPENAI_STREAM_X\n#define OPENAI_STREAM_X(a) \\\n  a", 3, "STREAM_X leaks")
        self.assert_refused({"src/base/end.hpp": "#pragma once\n"}, "src/base/config.hpp:10: OPENAI_STREAM_BEGIN leaks")

    def test_the_order_of_the_spine_decides_what_is_later(self):
        end, config = '#include "base/end.hpp"\n', '#include "base/config.hpp"\n'
        spine = SPINE.replace(end, "").replace(config, end + config)
        self.assert_refused({"src/all.hpp": spine}, "src/base/config.hpp:10: macro OPENAI_STREAM_BEGIN leaks")

    def test_a_macro_without_our_prefix_is_refused_in_the_core_only(self):
        self.assert_core_refused("#define MAX 1\n#undef MAX", 2, "MAX: the name must begin with OPENAI_STREAM_")
        platform = "#pragma once\n#if defined(OPENAI_STREAM_SOCKET)\n#define NOMINMAX\n#undef NOMINMAX\n#endif\n"
        self.assert_accepted({SOCKET: platform})

    def test_a_platform_macro_that_leaks_is_refused(self):
        platform = "#pragma once\n#if defined(OPENAI_STREAM_SOCKET)\n#define NOMINMAX\n#endif\n"
        self.assert_refused({SOCKET: platform}, "src/platform/socket.hpp:3: macro NOMINMAX leaks")

    @unittest.skipUnless(COMPILER, "no C++ compiler")
    def test_the_preprocessor_finds_a_macro_whose_undef_is_not_reached(self):
        body = "#define OPENAI_STREAM_X\n#if 0\n#undef OPENAI_STREAM_X\n#endif"
        self.assert_accepted(self.core(body))
        line = EXPECTED.split("\n").index(divider("http/head.hpp")) + 3
        self.assert_refused(self.core(body), f"openai_stream.hpp:{line}: OPENAI_STREAM_X is left defined (as it is)",
                            f"openai_stream.hpp:{line}: OPENAI_STREAM_X is left defined (with OPENAI_STREAM_SOCKET)",
                            f"openai_stream.hpp:{line}: OPENAI_STREAM_X is left defined (with OPENAI_STREAM_NO_SIMD)",
                            options=["--macros"])

    @unittest.skipUnless(COMPILER, "no C++ compiler")
    def test_the_preprocessor_is_asked_with_each_platform_part_switched_on(self):
        platform = ("#pragma once\n#if defined(OPENAI_STREAM_SOCKET)\n#define NOMINMAX\n"
                    "#if 0\n#undef NOMINMAX\n#endif\n#endif\n")
        line = EXPECTED.split("\n").index(divider("platform/socket.hpp")) + 4
        expected = f"openai_stream.hpp:{line}: NOMINMAX is left defined (with OPENAI_STREAM_SOCKET)"
        self.assert_refused({SOCKET: platform}, expected, options=["--macros"])

    @unittest.skipUnless(COMPILER, "no C++ compiler")
    def test_the_preprocessor_does_not_blame_us_for_system_macros(self):
        root = self.tree(self.core("#if 1\n#include <string.h>\n#endif"))
        self.assertEqual(self.run_on(root, "--macros"), (0, ""))

    @unittest.skipUnless(COMPILER, "no C++ compiler")
    def test_a_platform_part_that_cannot_be_preprocessed_here_is_said_not_refused(self):
        platform = "#pragma once\n#if defined(OPENAI_STREAM_SOCKET)\n#include <no/such/header.h>\n#endif\n"
        status, said = self.run_on(self.tree({SOCKET: platform}), "--macros")
        self.assertEqual(status, 0)
        self.assertIn("cannot preprocess the header with OPENAI_STREAM_SOCKET", said)

    def test_macros_without_a_compiler_says_that_it_looked_at_nothing(self):
        with unittest.mock.patch("shutil.which", return_value=None):
            status, said = self.run_on(self.tree(), "--macros")
        self.assertEqual((status, said.splitlines()[0][:20]), (0, "note: no C++ compile"))

    # ---- all at once -----------------------------------------------------------------------------

    def test_all_problems_are_listed_in_order_not_only_the_first(self):
        head = "#pragma once\n#include <vector>\nvoid f() { goto a; throw 1; }\n// TODO\n"
        changes = {HEAD: head, "src/json/lost.hpp": "#pragma once\n", "src/tour.txt": "\t.\n"}
        expected = ["src/http/head.hpp:2: <vector>", "src/http/head.hpp:3: 'goto'", "src/http/head.hpp:3: 'throw'",
                    "src/http/head.hpp:4: TODO", "src/json/lost.hpp:1: not reachable", "src/tour.txt:1: tab"]
        self.assert_refused(changes, *expected)
        said = self.run_on(self.tree(changes))[1].splitlines()
        self.assertEqual([line.split(": ")[0] for line in said], [line.split(": ")[0] for line in expected])

    # ---- names -----------------------------------------------------------------------------------

    def names(self, body, tour="The manual.\n"):
        """What --names prints of a core file with this body."""
        code = "OPENAI_STREAM_BEGIN\n" + body + "\nOPENAI_STREAM_END"
        status, said = self.run_on(self.tree({**self.core(code), "src/tour.txt": tour}), "--names")
        self.assertEqual(status, 0, said)
        return re.findall(r"^src/http/head.hpp:\d+: (.*)$", said, re.MULTILINE)

    def test_each_kind_of_declaration_is_named_once(self):
        for code, name in (
                ("class A;\nclass A { int b; };", "class A"), ("struct alignas(8) A : B<(1 > 0)> {};", "struct A"),
                ("enum class A : uint8_t { b, c };", "enum A"),
                ("template <class T, class = X<T>> struct A {};", "struct A"),
                ("using A = int;", "alias A"), ("template <class T> using A = B<T>;", "alias A"),
                ("using other::A;", "alias A"), ("namespace a { struct B {}; }\nnamespace a { int c; }", "namespace a"),
                ("inline int a(int b) { return b; }\nint a(char c);", "function a"),
                ("template <class T> constexpr T a(T b);", "function a"), ("int (a)(int b);", "function a"),
                ("inline constexpr int a = f(1);", "constant a"), ("constexpr B a[] = {{1}, {2}};", "constant a"),
                ("OPENAI_STREAM_X(1) inline int a() { struct L {}; return 1; }", "function a"),
                ("#if 1\nconstexpr int a = 1;\n#else\nconstexpr int a = 2;\n#endif", "constant a")):
            with self.subTest(code):
                self.assertEqual(self.names(code), [name + ": absent"])

    def test_what_is_not_a_name_of_the_library_is_not_named(self):
        for code in ("inline void A::b() {}", "template <class T> A<T>::A() {}", "inline A::~A() {}", "class A;",
                     "inline size_t (A::b)(int c) { return 1; }", "static_assert(true, \"\");", "using namespace a;",
                     "constexpr bool operator==(A b, A c) { return true; }", 'extern "C" { int a(); }',
                     "const A A::b = {};", "// struct A {};", "inline namespace with_b { class A {}; }"):
            with self.subTest(code):
                self.assertEqual([name for name in self.names(code) if not name.startswith("namespace a")], [])

    def test_the_manual_tags_a_name_mentions_it_or_does_not(self):
        code = "class A {};\nclass B {};\nclass C {};"
        tour = ">>class A<< does it. B is not BC.\n"
        self.assertEqual(self.names(code, tour), ["class A: tagged", "class B: mentioned", "class C: absent"])

    def test_a_public_name_without_a_tag_is_refused(self):
        tour = "The manual.\n\n    >>struct Word<<, >>class Stream<<, >>last<<, >>struct Shown<<\n"
        code = "struct Shown {};\nOPENAI_STREAM_BEGIN\nstruct Hidden {};\nint hidden();\nOPENAI_STREAM_END"
        self.assert_refused({**self.core(code), "src/tour.txt": tour},
                            "src/http/head.hpp:4: struct Hidden is public, but src/tour.txt does not tag it",
                            "src/http/head.hpp:5: function hidden is public, but src/tour.txt does not tag it")

    def test_what_stands_in_detail_needs_no_tag(self):
        tour = "The manual.\n\n    >>struct Word<<, >>class Stream<<, >>last<<\n"
        for code in ("namespace detail {\nstruct Hidden {};\nint hidden();\n}", "namespace detail::words { int a(); }",
                     "struct Word;"):
            with self.subTest(code):
                self.assert_accepted({**self.core(code), "src/tour.txt": tour})

    def test_default_arguments_are_no_names(self):
        code = "inline int shown(Word a = {}, Word b = {}) noexcept { return 1; }"
        self.assertEqual(self.names(code), ["function shown: absent"])

    def test_the_names_are_counted(self):
        said = self.run_on(self.tree(), "--names")[1].splitlines()
        self.assertEqual(said[-1], "3 names; in src/tour.txt: 0 tagged, 0 mentioned, 3 absent")
        self.assertEqual(said[1:3], ["src/io/stream.hpp:6: struct Stream: absent",
                                     "src/platform/socket.hpp:7: function last: absent"])


if __name__ == "__main__":
    unittest.main()
