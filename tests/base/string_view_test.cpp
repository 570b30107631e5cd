// StringView in the places where a program uses one: each of these must compile as C++17 and as C++20, without a word
// from the library about the standard's own types.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

using openai_stream::StringView;

namespace {

constexpr StringView constant = "constant";
static_assert(constant.size() == 8 && constant[3] == 's' && !constant.empty(), "usable in constant expressions");
static_assert(constant.take(3).size() == 3 && constant.drop(3).size() == 5, "usable in constant expressions");
static_assert(StringView().empty() && StringView().data() == nullptr, "nothing is nothing");
static_assert(sizeof(StringView) == sizeof(const char*) + sizeof(size_t), "a pointer and a size");
static_assert(std::is_trivially_copyable<StringView>::value && std::is_trivially_destructible<StringView>::value, "");

// Other libraries' strings.
struct Foreign {
    std::string text;
    const char* data() const { return text.data(); }
    size_t size() const { return text.size(); }
};
struct FromPair {
    FromPair(const char* data, size_t size) : text(data, size) {}
    std::string text;
};
struct Sink {
    std::string text;
    void write(const char* data, int count) { text.append(data, static_cast<size_t>(count)); }
};

// As formatting libraries take their arguments: whatever can become a std::string_view, told by traits alone.
static_assert(std::is_convertible<StringView, std::string_view>::value, "");
static_assert(std::is_constructible<std::string_view, const StringView&>::value, "");
static_assert(std::is_convertible<const StringView&, std::string>::value, "");
static_assert(!std::is_convertible<StringView, const char*>::value, "it is not terminated");
static_assert(!std::is_convertible<StringView, bool>::value && !std::is_convertible<StringView, int>::value, "");
template <class... Arguments> std::string joined(const Arguments&... arguments) {
    std::string text;
    (text.append(static_cast<std::string_view>(arguments)), ...);
    return text;
}

std::string take_string(std::string text) { return text; }
std::string take_reference(const std::string& text) { return text; }
std::string take_view(std::string_view text) { return std::string(text); }
size_t take_ours(StringView text) { return text.size(); }

}  // namespace

TEST_CASE("a view becomes a std::string") {
    const StringView view("a\0b", 3);
    const std::string expected("a\0b", 3);
    std::string copied = view;
    const std::string constructed(view);
    std::string assigned;
    assigned = view;
    std::string appended = "<";
    appended += view;
    appended.append(view);
    CHECK_EQ(copied, expected);
    CHECK_EQ(constructed, expected);
    CHECK_EQ(assigned, expected);
    CHECK_EQ(appended, "<" + expected + expected);
    CHECK_EQ(take_string(view), expected);
    CHECK_EQ(take_reference(view), expected);
    CHECK_EQ(static_cast<std::string>(view), expected);
    CHECK_EQ((std::vector<std::string>{view, view}[1]), expected);
}

TEST_CASE("a view becomes a std::string_view of the same bytes") {
    const std::string text = "text";
    const StringView view = text;
    const std::string_view copied = view;
    const std::string_view constructed(view);
    CHECK_EQ(static_cast<const void*>(copied.data()), text.data());
    CHECK_EQ(copied.size(), text.size());
    CHECK_EQ(constructed, text);
    CHECK_EQ(take_view(view), text);
}

TEST_CASE("a view is a key of a map of strings") {
    const StringView view = "key";
    std::map<std::string, int> ordered;
    ordered[view] = 1;
    ordered[view] += 1;
    std::unordered_map<std::string, int> hashed;
    hashed[view] = 3;
    CHECK_EQ(ordered.at("key"), 2);
    CHECK_EQ(ordered.count(view), 1);
    CHECK_EQ(hashed.at("key"), 3);
}

TEST_CASE("a view goes where the standard's containers and formatting take a text") {
    const StringView view("a\0b", 3);
    const std::string expected("a\0b", 3);
    std::vector<std::string> strings;
    strings.push_back(view);
    strings.emplace_back(view);
    const std::optional<std::string> optional = view;
    std::set<std::string> set;
    set.insert(view);
    const std::pair<std::string, int> pair(view, 1);
    char printed[8] = {};
    const StringView word = "word";
    std::snprintf(printed, sizeof printed, "%.*s", static_cast<int>(word.size()), word.data());
    CHECK_EQ(strings[0], expected);
    CHECK_EQ(strings[1], expected);
    CHECK_EQ(optional.value(), expected);
    CHECK_EQ(set.count(expected), 1);
    CHECK_EQ(pair.first, expected);
    CHECK_EQ(std::string(printed), "word");
    CHECK_EQ(joined(view, std::string_view("|"), word, std::string("|"), "c"), expected + "|word|c");
    CHECK_EQ(std::hash<std::string_view>()(view), std::hash<std::string>()(expected));
}

TEST_CASE("a view is written to a stream, and to everything with write()") {
    std::ostringstream out;
    out << StringView("a\0b", 3) << ' ' << StringView() << StringView("end") << std::flush;
    CHECK_EQ(out.str(), std::string("a\0b end", 7));
    Sink sink;
    sink << StringView("one") << StringView("two");
    CHECK_EQ(sink.text, "onetwo");
}

TEST_CASE("a view becomes any type made of a pointer and a size") {
    const FromPair pair = StringView("text");
    CHECK_EQ(pair.text, "text");
}

TEST_CASE("no view is an empty text elsewhere, never a null pointer") {
    const std::string text = StringView();
    const std::string_view view = StringView();
    CHECK(text.empty());
    CHECK(view.empty());
    CHECK_NE(view.data(), nullptr);
    CHECK_EQ(FromPair(StringView()).text, "");
}

TEST_CASE("a view is made of what holds text") {
    const char* const null = nullptr;
    const std::string text = "text";
    const std::string_view std_view = text;
    const std::vector<char> chars = {'t', 'e', 'x', 't'};
    const char terminated[] = "text";
    const char* pointer = terminated;
    const Foreign foreign{"text"};
    struct Row {
        const char* name;
        StringView view;
        const char* data;
        size_t size;
    };
    const Row rows[] = {
        {"a literal", "text", nullptr, 4},
        {"an array ends at its NUL", terminated, terminated, 4},
        {"a pointer", pointer, pointer, 4},
        {"a null pointer", null, nullptr, 0},
        {"nothing", {}, nullptr, 0},
        {"an empty literal", "", nullptr, 0},
        {"pointer and size", {"te\0xt", 5}, nullptr, 5},
        {"a std::string", text, text.data(), 4},
        {"a std::string_view", std_view, text.data(), 4},
        {"a temporary std::string_view owns nothing", std::string_view(text).substr(1), text.data() + 1, 3},
        {"a vector of char", chars, chars.data(), 4},
        {"a class of another library", foreign, foreign.data(), 4},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(row.view.size(), row.size);
        CHECK_EQ(row.view.empty(), row.size == 0);
        if (row.data != nullptr) CHECK_EQ(static_cast<const void*>(row.view.data()), row.data);
        CHECK_EQ(row.view.end() - row.view.begin(), static_cast<ptrdiff_t>(row.size));
    }
    CHECK_EQ(static_cast<const void*>(StringView(null).data()), nullptr);
    CHECK_NE(StringView("").data(), nullptr);
    CHECK_EQ(take_ours("four"), 4);
    CHECK_EQ(take_ours(text), 4);
    CHECK_EQ(take_ours(std::string_view("four")), 4);
}

TEST_CASE("a view equals the same bytes, whoever holds them") {
    const StringView view = "text";
    const std::string same = "text", other = "tex", longer = "texts";
    const std::string_view same_view = same, other_view = other;
    const char* pointer = "text";
    CHECK(view == StringView("text", 4));
    CHECK(view == same);
    CHECK(same == view);
    CHECK(view == same_view);
    CHECK(same_view == view);
    CHECK(view == "text");
    CHECK("text" == view);
    CHECK(view == pointer);
    CHECK(pointer == view);
    CHECK_FALSE(view == other);
    CHECK_FALSE(other_view == view);
    CHECK_FALSE(view == longer);
    CHECK_FALSE(view == "Text");
    CHECK(view != other);
    CHECK(other != view);
    CHECK(view != other_view);
    CHECK(other_view != view);
    CHECK(view != "other");
    CHECK("other" != view);
    CHECK_FALSE(view != same);
    CHECK_FALSE(same_view != view);
    CHECK_FALSE(view != "text");
    CHECK(StringView() == "");
    CHECK(StringView("", 0) == StringView());
    CHECK_FALSE(StringView() == "x");
    CHECK(StringView("a\0b", 3) != "a");
    CHECK(StringView("a\0b", 3) == std::string("a\0b", 3));
}

TEST_CASE("take and drop stop at the end") {
    const std::string text = "abc";  // so that no compiler knows the results
    const StringView view = text;
    struct Row {
        const char* name;
        StringView result;
        const char* expected;
    };
    const size_t huge = static_cast<size_t>(-1);
    const Row rows[] = {
        {"take nothing", view.take(0), ""},
        {"take some", view.take(2), "ab"},
        {"take all", view.take(3), "abc"},
        {"take too many", view.take(4), "abc"},
        {"take far too many", view.take(huge), "abc"},
        {"drop nothing", view.drop(0), "abc"},
        {"drop some", view.drop(2), "c"},
        {"drop all", view.drop(3), ""},
        {"drop too many", view.drop(4), ""},
        {"drop far too many", view.drop(huge), ""},
        {"from nothing take", StringView().take(1), ""},
        {"from nothing drop", StringView().drop(1), ""},
        {"one after the other", view.drop(1).take(1), "b"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(std::string(row.result), row.expected);
    }
    CHECK_EQ(static_cast<const void*>(view.drop(9).data()), view.end());
}

TEST_CASE("a view is walked like any sequence of characters") {
    std::string text;
    for (const char c : StringView("abc")) text += c;
    CHECK_EQ(text, "abc");
    CHECK_EQ(StringView("abc")[1], 'b');
}

TEST_CASE("two views are equal if all their bytes are") {
    struct Row {
        const char* name;
        std::string left, right;
        bool equal;
    };
    const Row rows[] = {
        {"nothing and nothing", "", "", true},
        {"nothing and something", "", "a", false},
        {"one byte, the same", "a", "a", true},
        {"one byte, another", "a", "b", false},
        {"the last byte", "abc", "abd", false},
        {"the first byte", "abc", "bbc", false},
        {"a NUL", std::string("\0", 1), "a", false},
        {"one more", "ab", "abc", false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(StringView(row.left) == StringView(row.right), row.equal);
        CHECK_EQ(StringView(row.right) != StringView(row.left), !row.equal);
    }
    CHECK(StringView() == StringView(""));
}

TEST_CASE("a view is added to a string, and a string to a view") {
    const std::string text = "ab";
    const StringView view("c\0d", 3);
    CHECK_EQ(text + view, std::string("abc\0d", 5));
    CHECK_EQ(view + text, std::string("c\0dab", 5));
    CHECK_EQ(text + StringView(), "ab");
    CHECK_EQ(StringView() + text, "ab");
    CHECK_EQ(text + view + StringView("!"), std::string("abc\0d!", 6));
}
