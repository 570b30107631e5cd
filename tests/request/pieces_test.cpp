// Tables that turn structs into text: every kind of row, lists in lists, a cursor that is kept.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <string>
#include <vector>

namespace oai = openai_stream;
namespace pieces = openai_stream::detail;
using oai::Cursor;
using oai::Fragment;
using oai::FragmentKind;
using oai::StringView;
using pieces::FieldType;

namespace {

struct Leaf {
    StringView text;
    static const pieces::MessageDescriptor descriptor;
};
struct Fruit {
    const pieces::MessageDescriptor* written_as = &descriptor;
    StringView text;
    static const pieces::MessageDescriptor descriptor;
};
struct Branch {
    StringView name;
    oai::List<Leaf> leaves;
    oai::List<StringView> texts;
    static const pieces::MessageDescriptor descriptor;
};
struct Tree {
    StringView always, optional, plain;
    oai::Checked checked;
    int64_t integer = oai::unset_number;
    uint8_t word = 0;
    const Fruit* fruit = nullptr;
    oai::List<Branch> branches;
};

constexpr pieces::FieldDescriptor leaf_rows[] = {{"leaf=", FieldType::string, offsetof(Leaf, text)},
                                                 {";", FieldType::end}};
constexpr pieces::FieldDescriptor fruit_rows[] = {{"kind=", FieldType::string, offsetof(Fruit, text)},
                                                  {";", FieldType::end}};
constexpr pieces::FieldDescriptor branch_rows[] = {{"branch=", FieldType::string, offsetof(Branch, name)},
                                       {"<", FieldType::list, offsetof(Branch, leaves)},
                                       {">", FieldType::list, offsetof(Branch, texts)},
                                       {".", FieldType::end}};

void called(const void* object, Fragment& piece) {
    piece.before = " called=";
    piece.text = static_cast<const Tree*>(object)->always;
}
constexpr pieces::FieldDescriptor tree_rows[] = {
    "begin ",
    {"always=", FieldType::string, offsetof(Tree, always)},
    {" optional=", FieldType::optional_string, offsetof(Tree, optional)},
    {" plain=", FieldType::plain, offsetof(Tree, plain)},
    {" checked=", FieldType::checked, offsetof(Tree, checked)},
    {" integer=", FieldType::integer, offsetof(Tree, integer)},
    {" word=\0one\0two\0three\0", FieldType::enumeration, offsetof(Tree, word)},
    called,
    {" fruit ", FieldType::object, offsetof(Tree, fruit)},
    {" branches ", FieldType::list, offsetof(Tree, branches)},
    {" end", FieldType::end},
};

}  // namespace

const pieces::MessageDescriptor Leaf::descriptor =
    pieces::MessageDescriptor::of<Leaf>(leaf_rows, pieces::ListStyle::lines);
const pieces::MessageDescriptor Fruit::descriptor =
    pieces::MessageDescriptor::of<Fruit>(fruit_rows, pieces::ListStyle::lines);
const pieces::MessageDescriptor Branch::descriptor =
    pieces::MessageDescriptor::of<Branch>(branch_rows, pieces::ListStyle::items);

namespace {

// Strings as 'text', checked as !text!, integers as #value.
std::string text_of(const Tree& tree, Cursor& at, size_t most = SIZE_MAX) {
    std::string all;
    Fragment piece;
    for (size_t count = 0; count != most && pieces::next(&tree, at, piece, tree_rows); ++count) {
        std::string text = piece.text;
        all += piece.before;
        switch (piece.kind) {
            case FragmentKind::plain: all += text; break;
            case FragmentKind::string: all += "'" + text + "'"; break;
            case FragmentKind::integer: {
                int64_t value;
                REQUIRE_EQ(text.size(), sizeof value);
                memcpy(&value, text.data(), sizeof value);
                all += "#" + std::to_string(value);
                break;
            }
            case FragmentKind::checked: {
                const oai::Checked& checked = piece.checked();
                CHECK(checked.error() == oai::Error::none);
                all += "!" + std::string(checked.text) + "!";
                break;
            }
            case FragmentKind::streamed: FAIL("these trees have none"); break;
        }
    }
    return all;
}
std::string text_of(const Tree& tree) {
    Cursor at;
    const std::string all = text_of(tree, at);
    Fragment piece;
    CHECK_FALSE(pieces::next(&tree, at, piece, tree_rows));  // and it stays so
    CHECK_FALSE(pieces::next(&tree, at, piece, tree_rows));
    return all;
}

const Leaf one_leaf[] = {{"a"}}, three_leaves[] = {{"x"}, {""}, {{}}};
const StringView texts[] = {"x", "y"};
const Fruit apple = {&Fruit::descriptor, "apple"};
const Branch branches[] = {{"none", {}, {}}, {"one", one_leaf, {texts, 1}}, {"three", three_leaves, texts}};

}  // namespace

TEST_CASE("each kind of row, there and not there") {
    struct Row {
        const char* name;
        void (*change)(Tree& tree);
        const char* text;
    };
    const Row rows[] = {
        {"nothing is there", [](Tree&) {}, "begin always='' called= end"},
        {"a string", [](Tree& t) { t.always = "a"; }, "begin always='a' called=a end"},
        {"an optional string", [](Tree& t) { t.optional = "o"; }, "begin always='' optional='o' called= end"},
        {"an optional string that is empty", [](Tree& t) { t.optional = ""; }, "begin always='' optional='' called= end"},
        {"a plain text", [](Tree& t) { t.plain = "p"; }, "begin always='' plain=p called= end"},
        {"a plain text, empty", [](Tree& t) { t.plain = ""; }, "begin always='' plain= called= end"},
        {"a checked text",
         [](Tree& t) {
             t.checked = {"c", [](const StringView& text) {
                              return text == "c" ? oai::Error::none : oai::Error::closed;
                          }};
         },
         "begin always='' checked=!c! called= end"},
        {"a checked text with which nothing can be wrong", [](Tree& t) { t.checked.text = "c"; },
         "begin always='' checked=!c! called= end"},
        {"a checked text, empty, with which nothing can be wrong", [](Tree& t) { t.checked.text = ""; },
         "begin always='' called= end"},
        {"a checked text, empty, with which something may be wrong",
         [](Tree& t) {
             t.checked = {"", [](const StringView&) { return oai::Error::none; }};
         },
         "begin always='' checked=!! called= end"},
        {"zero", [](Tree& t) { t.integer = 0; }, "begin always='' integer=#0 called= end"},
        {"a number", [](Tree& t) { t.integer = -5; }, "begin always='' integer=#-5 called= end"},
        {"the first word", [](Tree& t) { t.word = 1; }, "begin always='' word=one called= end"},
        {"the last word", [](Tree& t) { t.word = 3; }, "begin always='' word=three called= end"},
        {"a word after the last", [](Tree& t) { t.word = 4; }, "begin always='' word= called= end"},
        {"the largest word", [](Tree& t) { t.word = 255; }, "begin always='' word= called= end"},
        {"a list of one",
         [](Tree& t) {
             t.branches = {branches, 1};
         },
         "begin always='' called= branches branch='none'. end"},
        {"a list in a list",
         [](Tree& t) {
             t.branches = {branches + 1, 1};
         },
         "begin always='' called= branches branch='one'<leaf='a';>['x']. end"},
        {"lists in a list", [](Tree& t) { t.branches = branches; },
         "begin always='' called= branches branch='none'.,branch='one'<leaf='a';>['x'].,"
         "branch='three'<leaf='x';leaf='';leaf='';>['x','y']. end"},
        {"an object", [](Tree& t) { t.fruit = &apple; }, "begin always='' called= fruit kind='apple'; end"},
        {"no object", [](Tree& t) { t.fruit = nullptr; }, "begin always='' called= end"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Tree tree;
        row.change(tree);
        const std::string all = text_of(tree);
        CHECK_EQ(all, row.text);
        for (size_t count = 0; count < 80; ++count) {  // kept and taken up again, at every place
            CAPTURE(count);
            Cursor at;
            const std::string front = text_of(tree, at, count);
            const Cursor kept = at;
            CHECK_EQ(front + text_of(tree, at), all);
            at = kept;
            CHECK_EQ(front + text_of(tree, at), all);
            at = kept;
            at.rewind();
            CHECK_EQ(text_of(tree, at), all);
        }
    }
}

TEST_CASE("words are not looked for after the last one") {
    const std::string words("text\0one\0two\0", 14);
    const support::GuardedBytes text(words);  // with the empty one that a literal has after its last
    const char* const expected[] = {"one", "two", "", "", ""};
    for (unsigned number = 1; number <= 5; ++number)
        CHECK_EQ(pieces::word(text.data(), number), expected[number - 1]);
    CHECK_EQ(pieces::word(text.data(), 255), "");
}

TEST_CASE("lists that become shorter under way are not read after their ends") {
    struct Row {
        const char* name;
        void (*change)(Tree& tree, Branch& last);
    };
    const Row rows[] = {
        {"all are gone", [](Tree& tree, Branch&) { tree.branches = {}; }},
        {"one is left", [](Tree& tree, Branch&) { tree.branches.size = 1; }},
        {"those inside are gone", [](Tree&, Branch& last) { last.leaves = {}; }},
        {"one inside is left", [](Tree&, Branch& last) { last.leaves.size = 1; }},
    };
    Tree full;
    full.branches = branches;
    const size_t longest = text_of(full).size();
    for (const Row& row : rows) {
        ROW(row.name);
        for (size_t count = 0; count < 80; ++count) {
            CAPTURE(count);
            std::vector<Branch> some(branches, branches + 3);
            Tree tree;
            tree.branches = some;
            Cursor at;
            const std::string front = text_of(tree, at, count);
            row.change(tree, some[2]);
            CHECK_LE((front + text_of(tree, at)).size(), longest);
        }
    }
}
