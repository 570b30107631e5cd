// Paths through JSON texts by a table of this test.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <iterator>
#include <memory>
#include <string.h>
#include <vector>

namespace json = openai_stream::json;
using json::Row;
using json::StepKind;
using json::ReadMode;
using openai_stream::Error;
using openai_stream::StringView;

namespace {

enum Target : uint8_t { none, id, text, number, both, raw, flag, name, whole_text };
enum Context : uint8_t { skipped, root, item, map, count };

constexpr Row root_rows[] = {
    {"id", id},
    {"alias", id},
    {"text", text, skipped, ReadMode::pieces},
    {"number", number},
    {"both", both, item},
    {"list", none, item},
    {"later", none, item, ReadMode::deferred},
    {"raw", raw, item, ReadMode::raw},
    {"flag", flag},
    {"nothing", none},
    {"longname", name},
    {"longnames", name},
    {"map", none, map},
};
constexpr Row item_rows[] = {
    {"name", name},
    {"id", number},
    {"child", none, item},
};
constexpr Row map_rows[] = {
    {"name", name},
    {"", text},
};
// A key that stands there twice, with others that fall into its slot; and a row for all else.
constexpr Row many_rows[] = {
    {"ac", 1}, {"a", 2}, {"cb", 3}, {"ac", 4}, {"a", 5}, {"nineteen_characters", 6}, {"", 7},
};
constexpr json::Context contexts[count] = {json::Context(), json::Context::of<root_rows>(),
                                           json::Context::of<item_rows>(), json::Context::of<map_rows>()};
constexpr json::TableRow scalar{0, whole_text, skipped, ReadMode::whole};

struct Options {
    bool skip_lists = false;     // "list" is passed over, but reported
    bool raw_is_skipped = true;  // as its owner does
    bool read_later = false;     // "later" is passed over and read when the root has ended
    bool has_scalar = true;      // a scalar at the root is wanted
};

// Steps, and the text shown again from `at` on in another place whenever more is wanted.
class Log {
public:
    explicit Log(const Options& options = Options()) {
        reader.begin(contexts, root, options.has_scalar ? &scalar : nullptr);
    }

    json::PathReader reader;
    std::string steps;

    // Returns true if it can go on.
    bool take(const char*& at, const char* end, const Options& options) {
        while (true) {
            const char* const before = at;
            reader.set_input(at, end);
            const StepKind step = reader.next();
            at = reader.at();
            const json::TableRow* const row = reader.row();
            const std::string key = row ? std::string(row->key()) : "-";
            if (at > end || (at < before && step != StepKind::need_more)) steps += "at left the input";
            switch (step) {
                case StepKind::need_more: return true;
                case StepKind::failed: steps += describe(reader.token().error()); return false;
                case StepKind::text: value(row, '"', '"'); break;
                case StepKind::number: value(row, '<', '>'); break;
                case StepKind::boolean:
                    steps += (reader.token().is_true() ? "+" : "!") + std::to_string(row->target) + " ";
                    break;
                case StepKind::enter:
                    steps += key + (reader.is_object() ? "{" : "[") + std::to_string(reader.context()) + " ";
                    if (row && json::has(row->mode, ReadMode::raw) && options.raw_is_skipped) reader.skip(row);
                    if (options.skip_lists && key == "list") reader.skip(row);
                    if (options.read_later && key == "later" && !jumped_) {
                        later_ = at - 1;
                        later_row_ = row;
                        reader.skip(row);
                    }
                    break;
                case StepKind::exit:
                    if (row)
                        steps += key + "~ ";
                    else
                        steps += (reader.is_object() ? "}" : "]") + std::to_string(reader.context()) + " ";
                    if (row || reader.depth() != 0 || !later_) break;
                    if (!jumped_) {
                        jumped_ = true;
                        resume_at_ = at;
                        state_ = reader.read_as(later_row_);
                        at = later_;
                        steps += "again ";
                    } else if (resume_at_) {
                        reader.resume(state_);
                        at = resume_at_;
                        resume_at_ = nullptr;
                    }
                    break;
            }
        }
    }

private:
    void value(const json::TableRow* row, char begin, char end) {
        const json::Scanner& token = reader.token();
        if (token.is_first()) steps += std::to_string(row->target) + begin;
        steps += std::string(reader.text());
        if (token.is_complete()) steps += std::string(1, end) + " ";
    }

    const char *later_ = nullptr, *resume_at_ = nullptr;
    const json::TableRow* later_row_ = nullptr;
    uint8_t state_ = 0;
    bool jumped_ = false;
};

std::string read(const corpus::Pieces& pieces, const Options& options) {
    Log log(options);
    std::string left;
    for (const std::string_view piece : pieces) {
        left += piece;
        const support::GuardedBytes shown(left);
        const char* at = shown.begin();
        if (!log.take(at, shown.end(), options)) return log.steps;
        left.assign(at, shown.end());
    }
    if (!left.empty() && log.reader.row() == nullptr && left[0] != '"') log.steps += "left: " + left;
    return log.steps + (log.reader.finish() ? "." : "unfinished");
}

void check(const std::string& input, const std::string& wanted, const Options& options = Options(), bool cuts = true) {
    std::string wrong;
    const auto compare = [&](const corpus::Pieces& pieces) {
        const std::string steps = read(pieces, options);
        if (wrong.empty() && steps != wanted) wrong = corpus::describe(pieces) + ": " + steps;
    };
    if (cuts)
        corpus::for_each_cut(input, false, compare);
    else
        compare({input});
    CHECK_EQ(wrong, "");
}

}  // namespace

TEST_CASE("rows, aliases, and everything that is none") {
    struct Case {
        const char* name;
        std::string input;
        const char* steps;
    };
    const Case rows[] = {
        {"a scalar of each kind", R"({"id":"a","number":-1.5e3,"flag":true,"text":"b"})",
         R"(-{1 1"a" 3<-1.5e3> +6 2"b" }1 .)"},
        {"false", R"({"flag":false})", "-{1 !6 }1 ."},
        {"null says nothing", R"({"id":null,"list":null,"flag":null})", "-{1 }1 ."},
        {"two names for one thing", R"({"alias":"b","id":"a"})", R"(-{1 1"b" 1"a" }1 .)"},
        {"the same key twice", R"({"id":"a","id":"b"})", R"(-{1 1"a" 1"b" }1 .)"},
        {"a scalar nobody wants", R"({"nothing":"x","list":"y","other":1,"id":"a"})", R"(-{1 1"a" }1 .)"},
        {"a number where a text is usual", R"({"id":12,"text":3})", "-{1 1<12> 2<3> }1 ."},
        {"the empty key", R"({"":"x","":{"":1}})", "-{1 }1 ."},
        {"strings stay as they were sent", R"({"id":"a\n\u00e9\"","text":""})", R"(-{1 1"a\n\u00e9\"" 2"" }1 .)"},
        {"an object in a context", R"({"both":{"name":"x","id":7}})", R"(-{1 both{2 7"x" 3<7> }2 }1 .)"},
        {"the same key as a scalar", R"({"both":"s"})", R"(-{1 4"s" }1 .)"},
        {"and again as an object", R"({"both":"s","both":{"name":"x"}})", R"(-{1 4"s" both{2 7"x" }2 }1 .)"},
        {"a list of objects", R"({"list":[{"name":"x"},{"name":"y"}]})",
         R"(-{1 list[2 -{2 7"x" }2 -{2 7"y" }2 ]2 }1 .)"},
        {"an empty list", R"({"list":[],"id":"a"})", R"(-{1 list[2 ]2 1"a" }1 .)"},
        {"scalars in a list are nobody's", R"({"list":["x",1,true,null,{"name":"y"}]})",
         R"(-{1 list[2 -{2 7"y" }2 ]2 }1 .)"},
        {"also where the list's key may stand for a scalar", R"({"both":["x",1,true,{"id":2}],"id":"a"})",
         R"(-{1 both[2 -{2 3<2> }2 ]2 1"a" }1 .)"},
        {"a list in a list is passed over", R"({"list":[[{"name":"x"}],{"name":"y"}]})",
         R"(-{1 list[2 -{2 7"y" }2 ]2 }1 .)"},
        {"an object where the row has no context", R"({"id":{"id":"x"},"text":["y"],"number":1})", "-{1 3<1> }1 ."},
        {"unknown objects and lists", R"({"u":{"id":"x","list":[{"name":"x"}]},"v":[[],{"id":"x"}],"id":"a"})",
         R"(-{1 1"a" }1 .)"},
        {"an unknown object in a known one", R"({"both":{"u":{"name":"x"},"name":"y"}})", R"(-{1 both{2 7"y" }2 }1 .)"},
        {"each context has its own keys", R"({"both":{"text":"x","id":1},"name":"y"})", "-{1 both{2 3<1> }2 }1 ."},
        {"a context within itself", R"({"both":{"child":{"name":"x","child":{"name":"y"}},"name":"z"}})",
         R"(-{1 both{2 child{2 7"x" child{2 7"y" }2 }2 7"z" }2 }1 .)"},
        {"a key is forgotten with its value", R"({"id":{},"v":["id"],"number":1})", "-{1 3<1> }1 ."},
        {"a list at the root", R"([{"id":"a"},{"id":"b"}])", R"(-[1 -{1 1"a" }1 -{1 1"b" }1 ]1 .)"},
        {"a text at the root", R"("hello")", R"(8"hello" .)"},
        {"true at the root", "true", "+8 ."},
        {"null at the root", "null", "."},
        {"blanks everywhere", " { \"id\" :\t\"a\" ,\r\n\"both\" : { \"id\" : 1 } } ",
         R"(-{1 1"a" both{2 3<1> }2 }1 .)"},
        {"an escaped key", R"({"\u0069d":"a","i\u0064":"b"})", R"(-{1 1"a" 1"b" }1 .)"},
        {"an escaped key that is none", R"({"\u0069e":"a","\"id\"":"b"})", "-{1 }1 ."},
        {"the longest escaped key, and one longer",
         R"({"\u006c\u006f\u006e\u0067\u006e\u0061\u006d\u0065":1,)"
         R"("\u006c\u006f\u006e\u0067\u006e\u0061\u006d\u0065s":2})",
         "-{1 7<1> }1 ."},
        {"a key that is the beginning of another",
         R"({"i":1,"idd":2,"longnam":3,"longname":4,"longnames":5,"longnamess":6})", "-{1 7<4> 7<5> }1 ."},
        {"a key as long as a known one", R"({"ix":1,"xd":2,"Id":3,"id":4})", "-{1 1<4> }1 ."},
        {"a row for all else", R"({"map":{"name":"a","eman":"b","x":"c","":"d","\u0078":"e"}})",
         R"(-{1 map{3 7"a" 2"b" 2"c" 2"d" 2"e" }3 }1 .)"},
        {"scalars in a list stand for that row", R"({"map":["a",1,{"name":"b"}]})",
         R"(-{1 map[3 2"a" 2<1> -{3 7"b" }3 ]3 }1 .)"},
        {"a key longer by 32 bytes", R"({"id34567890123456789012345678901234":1})", "-{1 }1 ."},
    };
    for (const Case& row : rows) {
        ROW(row.name);
        check(row.input, row.steps);
    }
}

TEST_CASE("a scalar at the root that nobody wants") {
    Options options;
    options.has_scalar = false;
    for (const char* const text : {"\"hello\"", "12 ", "true", "null"}) {
        ROW(text);
        check(text, ".", options);
    }
    ROW("an object in its place");
    check("{\"id\":\"a\"}", "-{1 1\"a\" }1 .", options);
}

TEST_CASE("what is not JSON is refused wherever it stands") {
    struct Case {
        const char* name;
        std::string input;
        const char* steps;
    };
    const Case rows[] = {
        {"in an unknown object", R"({"u":{"a":tru}})", "-{1 an event's data is not valid JSON"},
        {"after the text", R"({"id":"a"}x)", R"(-{1 1"a" }1 an event's data is not valid JSON)"},
        {"unfinished", R"({"id":"a")", R"(-{1 1"a" unfinished)"},
        {"unfinished in an unknown object", R"({"u":[{)", "-{1 unfinished"},
        {"nothing", "", "unfinished"},
    };
    for (const Case& row : rows) {
        ROW(row.name);
        check(row.input, row.steps);
    }
}

TEST_CASE("deeper than any path of a table: passed over, and come back from") {
    for (const unsigned depth : {10u, 11u, 12u, 20u, 126u}) {
        ROW(std::to_string(depth) + " objects in each other");
        std::string input = R"({"both":{)", ends = "}}", steps = "-{1 both{2 ";
        for (unsigned level = 3; level <= depth; ++level) {
            input += R"("name":1,"child":{)";
            ends += "}";
            if (level <= 13) steps += "7<1> ";
            if (level <= 12) steps += "child{2 ";
        }
        input += R"("name":1)";
        if (depth <= 12) steps += "7<1> ";
        for (unsigned level = std::min(depth, 12u); level != 1; --level) steps += "}2 ";
        check(input + ends, steps + "}1 .", Options(), depth < 20);
    }
}

TEST_CASE("a container that is passed over, with and without a word at its end") {
    Options lists;
    lists.skip_lists = true;
    struct Case {
        const char* name;
        Options options;
        std::string input;
        const char* steps;
    };
    const Case rows[] = {
        {"a list", lists, R"({"list":[{"name":"x"},[[]]],"id":"a"})", R"(-{1 list[2 list~ 1"a" }1 .)"},
        {"an empty one", lists, R"({"list":[],"id":"a"})", R"(-{1 list[2 list~ 1"a" }1 .)"},
        {"an object", lists, R"({"list":{"list":[]},"id":"a"})", R"(-{1 list{2 list~ 1"a" }1 .)"},
        {"two of them", lists, R"({"list":[],"list":[1]})", "-{1 list[2 list~ list[2 list~ }1 ."},
        {"text that is raw JSON", Options(), R"({"raw":{"name":"x","child":{"id":1}},"id":"a"})",
         R"(-{1 raw{2 raw~ 1"a" }1 .)"},
        {"a list of it", Options(), R"({"raw":[{"name":1}],"id":"a"})", R"(-{1 raw[2 raw~ 1"a" }1 .)"},
        {"a text in its place", Options(), R"({"raw":"x"})", R"(-{1 5"x" }1 .)"},
    };
    for (const Case& row : rows) {
        ROW(row.name);
        check(row.input, row.steps, row.options);
    }
}

TEST_CASE("a container that is read when its parent has ended") {
    Options later;
    later.read_later = true;
    struct Case {
        const char* name;
        std::string input;
        const char* steps;
    };
    const Case rows[] = {
        {"a list", R"({"later":[{"name":"x"},{"id":2}],"id":"a"})",
         R"(-{1 later[2 later~ 1"a" }1 again later[2 -{2 7"x" }2 -{2 3<2> }2 ]2 .)"},
        {"an object", R"({"later":{"name":"x"},"id":"a"} )", R"(-{1 later{2 later~ 1"a" }1 again later{2 7"x" }2 .)"},
        {"the last of several", R"({"later":[{"id":1}],"later":[{"id":2}]})",
         "-{1 later[2 later~ later[2 later~ }1 again later[2 -{2 3<2> }2 ]2 ."},
        {"then the text goes on", R"({"later":[]} x)",
         "-{1 later[2 later~ }1 again later[2 ]2 an event's data is not valid JSON"},
        {"with more containers in it", R"({"later":[{"child":{"name":"x"}},{"u":[[]],"name":"y"}]})",
         R"(-{1 later[2 later~ }1 again later[2 -{2 child{2 7"x" }2 }2 -{2 7"y" }2 ]2 .)"},
    };
    for (const Case& row : rows) {
        ROW(row.name);
        check(row.input, row.steps, later, false);
    }
}

TEST_CASE("a value that is not there as a whole is waited for, or taken in pieces when that is allowed") {
    struct Case {
        const char* name;
        std::string before, value, after;
        const char* key;     // of the row that is waited for
        const char* pieces;  // when taken in pieces
    };
    const Case rows[] = {
        {"a text", R"({"text":)", R"("abcdef")", "}", "text", "ab+cdef"},
        {"an atom", R"({"id":)", R"("abcdef")", "}", "id", "ab+cdef"},
        {"a number", R"({"number":)", "123456", "}", "number", "123+456"},
        {"in a list", R"({"list":[{"name":)", R"("abcdef")", "}]}", "name", "ab+cdef"},
    };
    for (const Case& row : rows) {
        ROW(row.name);
        const std::string input = row.before + row.value + row.after;
        std::unique_ptr<Log> log = std::make_unique<Log>();
        const char* at = input.data();
        log->take(at, input.data() + row.before.size() + 3, Options());
        REQUIRE(log->reader.row() != nullptr);
        CHECK_EQ(std::string(log->reader.row()->key()), row.key);
        CHECK_EQ(static_cast<size_t>(at - input.data()), row.before.size());

        std::string pieces;
        log->reader.allow_partial();
        for (const size_t shown : {row.before.size() + 3, input.size()}) {
            log->reader.set_input(at, input.data() + shown);
            const StepKind step = log->reader.next();
            at = log->reader.at();
            CHECK((step == StepKind::text || step == StepKind::number));
            CHECK_EQ(log->reader.token().is_first(), pieces.empty());
            CHECK_EQ(log->reader.token().is_complete(), shown == input.size());
            pieces += (pieces.empty() ? "" : "+") + std::string(log->reader.text());
        }
        CHECK_EQ(pieces, row.pieces);
        // The next value is whole again.
        log->take(at, input.data() + input.size(), Options());
        CHECK(log->reader.finish());
    }
    Log log;
    const std::string input = R"({"id":"abc","alias":"defg"})";
    const char* at = input.data();
    log.take(at, input.data() + 9, Options());
    log.reader.allow_partial();
    log.take(at, input.data() + 9, Options());
    log.take(at, input.data() + 22, Options());
    CHECK_EQ(log.steps, R"(-{1 1"abc" )");
    CHECK_EQ(static_cast<size_t>(at - input.data()), 20);
    CHECK_EQ(std::string(log.reader.row()->key()), "alias");
}

TEST_CASE("a table made while the program runs is the one that the compiler made, and the first row of a key counts") {
    struct Table {
        const char* name;
        const Row* rows;
        size_t count;
        json::Context made, compiled;
    };
    static constexpr json::Context of_root = json::Context::of<root_rows>(), of_map = json::Context::of<map_rows>(),
                                   of_many = json::Context::of<many_rows>(),
                                   of_two = json::Context::of<item_rows, map_rows>();
    const size_t root_count = std::size(root_rows), many_count = std::size(many_rows);
    const Table tables[] = {
        {"without a row for all else", root_rows, root_count, json::Context::of<root_rows>(), of_root},
        {"with one", map_rows, std::size(map_rows), json::Context::of<map_rows>(), of_map},
        {"with keys that come twice", many_rows, many_count, json::Context::of<many_rows>(), of_many},
        {"of two lists", item_rows, std::size(item_rows), json::Context::of<item_rows, map_rows>(), of_two},
    };
    for (const Table& table : tables) {
        ROW(table.name);
        CHECK_EQ(table.made.count(), table.compiled.count());
        std::vector<std::string> keys = {"", "z", "ab", "bc", "ca", "namf", "longnamet", "nineteen_charactert"};
        for (const auto* rows : {&root_rows[0], &map_rows[0], &many_rows[0], &item_rows[0]})
            for (size_t at = 0; at != 2; ++at) keys.emplace_back(rows[at].key);
        for (size_t at = 0; at != table.count; ++at) keys.emplace_back(table.rows[at].key);
        for (int c = 'a'; c <= 'z'; ++c) keys.push_back(std::string("x") + static_cast<char>(c));
        for (const std::string& key : keys) {
            INFO("key " << key);
            CHECK(table.made.find(key.data(), key.size()) == table.compiled.find(key.data(), key.size()));
        }
        CHECK(table.made.other() == table.compiled.other());
        for (size_t at = 0; at != table.count; ++at) {
            const StringView key = table.rows[at].key;
            size_t first = 0;
            while (!(key == table.rows[first].key)) ++first;
            const json::TableRow* const found = table.made.find(key.data(), key.size());
            REQUIRE(found != nullptr);
            CHECK(found->key() == key);
            CHECK_EQ(found->target, table.rows[first].meaning.target);
        }
    }
}

TEST_CASE("a part of a table has the rows of that part") {
    const json::Context table = json::Context::of<many_rows>();
    const size_t many_count = std::size(many_rows);
    for (size_t count = 0; count <= many_count; ++count) {
        ROW("the first " + std::to_string(count) + " rows, and the rest");
        const json::Context first = table.take(count), rest = table.drop(count);
        CHECK_EQ(first.count(), count);
        CHECK_EQ(rest.count(), many_count - count);
        for (size_t at = 0; at != many_count; ++at) {
            const StringView key = many_rows[at].key;
            const auto expected = [&](size_t begin, size_t end) {  // its target
                for (size_t row = begin; row != end; ++row)
                    if (key == many_rows[row].key) return many_rows[row].meaning.target;
                return static_cast<uint8_t>(begin != end && many_rows[end - 1].key[0] == 0 ? 7 : 0);
            };
            const json::TableRow* const in_first = first.find(key.data(), key.size());
            const json::TableRow* const in_rest = rest.find(key.data(), key.size());
            CHECK_EQ(in_first ? in_first->target : 0, expected(0, count));
            CHECK_EQ(in_rest ? in_rest->target : 0, expected(count, many_count));
        }
    }
}

TEST_CASE("what is meant of several values for one target: the deepest, then the one whose row comes first") {
    struct Value {
        const char* name;
        const char* input;  // up to the value
        unsigned depth;     // 0: it is the whole text
        bool is_first_row;
    };
    const Value values[] = {
        {"the whole text", "\"x\"", 0, true},
        {"a value of the first row", "{\"id\":\"x\"", 1, true},
        {"one of the second", "{\"alias\":\"x\"", 1, false},
        {"one of an object within", "{\"list\":[{\"name\":\"x\"", 3, true},
        {"the second row of that", "{\"list\":[{\"id\":\"x\"", 3, false},
        {"one level more", "{\"list\":[{\"child\":{\"id\":\"x\"", 4, false},
    };
    for (const Value& value : values) {
        ROW(value.name);
        json::PathReader reader;
        reader.begin(contexts, root, &scalar);
        reader.set_input(value.input, value.input + strlen(value.input));
        StepKind step = reader.next();
        while (step == StepKind::enter) step = reader.next();
        REQUIRE(step == StepKind::text);
        const unsigned precedence = reader.precedence();
        CHECK_EQ(precedence == 0, value.depth == 0);
        if (value.depth == 0) continue;
        CHECK_EQ(json::PathReader::depth_of(precedence), value.depth);
        CHECK_EQ(json::PathReader::place_of(precedence) == 0, value.is_first_row);
    }
}

// Names the same row for each element of a list.
struct Watcher {
    static constexpr bool sees_all = true;
    std::string& log;
    const json::TableRow* named;

    const json::TableRow* key(const json::TableRow* row, StringView name) {
        log += std::string(name) + (row ? ": " : "? ");
        return row;
    }
    const json::TableRow* element(unsigned level) {
        log += "scalar in " + std::to_string(level) + " ";
        return named;
    }
    const json::TableRow* element(unsigned level, uint8_t context) {
        log += "container in " + std::to_string(level) + " of " + std::to_string(context) + " ";
        return named;
    }
    void begin(bool is_array, bool again) { log += std::string(is_array ? "[" : "{") + (again ? "again " : " "); }
};

TEST_CASE("a watcher sees what the table does not know, once, and may name a row for it") {
    static constexpr json::TableRow for_elements{0, whole_text, item, ReadMode::whole};
    struct Case {
        const char* name;
        const json::TableRow* named;
        const char* log;
    };
    const char* const input = "{\"map\":[12,{\"name\":\"x\"},[3,{\"id\":\"y\"}]],"
                              "\"both\":{\"id\":4,\"other\":{}},\"list\":[{}],\"\\u0069d\":5,"
                              // 49 bytes and an escape: not looked up
                              "\"\\u0061aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":6,\"new\":7}";
    const Case cases[] = {
        {"and names none", nullptr,
         "{ 1 map: [ 3 scalar in 1 =2 container in 1 of 3 { 3 name: =7 end container in 1 of 0 end "
         "both: { 2 id: =3 other? end list: [ 2 container in 1 of 2 { 2 end end id: =1 new? end "},
        {"and names one", &for_elements,
         "{ 1 map: [ 3 scalar in 1 =8 container in 1 of 3 { 2 name: =7 end "
         "container in 1 of 0 [ 2 scalar in 2 =8 container in 2 of 2 { 2 id: =3 end end end "
         "both: { 2 id: =3 other? end list: [ 2 container in 1 of 2 { 2 end end id: =1 new? end "},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        corpus::for_each_cut(input, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            std::string log, left;
            Watcher watcher{log, one.named};
            json::PathReader reader;
            reader.begin(contexts, root, nullptr);
            for (const std::string_view piece : pieces) {
                left += piece;
                const support::GuardedBytes shown(left);
                reader.set_input(shown.begin(), shown.end());
                while (true) {
                    const StepKind step = reader.next(watcher);
                    if (step == StepKind::need_more) break;
                    REQUIRE(step != StepKind::failed);
                    if (step < StepKind::enter) log += "=" + std::to_string(reader.row()->target) + " ";
                    if (step == StepKind::enter) log += std::to_string(reader.context()) + " ";
                    if (step == StepKind::exit) log += "end ";
                }
                left.assign(reader.at(), shown.end());
            }
            CHECK(reader.finish());
            CHECK_EQ(log, one.log);
        });
    }
}

TEST_CASE("a watcher is told of a container that is read again, and not asked what it stands for") {
    static constexpr json::TableRow as_item{0, whole_text, item, ReadMode::whole};
    const char* const input = "{\"list\":[{}]}";
    std::string log;
    Watcher watcher{log, nullptr};
    json::PathReader reader;
    reader.begin(contexts, root, nullptr);
    reader.set_input(input, input + strlen(input));
    const auto steps = [&](size_t count) {
        for (; count != 0; --count) log += reader.next(watcher) == StepKind::exit ? "end " : "";
    };
    steps(4);
    const char* const after = reader.at();
    const uint8_t state = reader.read_as(&as_item);
    const char* const again = "{}";
    reader.set_input(again, again + strlen(again));
    steps(2);
    reader.resume(state);
    reader.set_input(after, input + strlen(input));
    steps(2);
    CHECK(reader.finish());
    CHECK_EQ(log, "{ list: [ container in 1 of 2 { end {again end end end ");
}

TEST_CASE("a key that is the beginning of another one is not that one, also where both are looked for in one place") {
    // "ab", which has no row, is looked for from "ca" on, and "abc" follows.
    static constexpr Row rows[] = {{"ca", 1}, {"abc", 2}, {"b", 3}, {"more_than_20_character", 4}};
    const json::Context table = json::Context::of<rows>();
    struct Case {
        const char* key;
        unsigned target;
    };
    const Case cases[] = {{"ca", 1}, {"abc", 2}, {"b", 3}, {"ab", 0}, {"a", 0}, {"c", 0}, {"abcd", 0},
                          {"more_than_20_character", 4}, {"more_than_20_charactet", 0}};
    for (const Case& one : cases) {
        ROW(one.key);
        const json::TableRow* const found = table.find(one.key, strlen(one.key));
        CHECK_EQ(found ? found->target : 0, one.target);
    }
}

TEST_CASE("true and false are shown again from their first byte, unless they are passed over") {
    struct Case {
        const char* name;
        std::string before, value, after;
        bool is_wanted;
    };
    const Case cases[] = {
        {"true", "{\"flag\":", "true", "}", true},
        {"false", "{\"flag\":", "false", "}", true},
        {"in a list", "{\"map\":[", "true", "]}", true},
        {"in a container that is passed over", "{\"u\":[", "false", "]}", false},
        {"in a list of the root's list", "[[", "true", "]]", false},
    };
    for (const Case& one : cases) {
        for (size_t shown = 1; shown != one.value.size(); ++shown) {
            ROW(one.name + std::string(" after ") + std::to_string(shown));
            json::PathReader reader;
            reader.begin(contexts, root, nullptr);
            const std::string first = one.before + one.value.substr(0, shown);
            const auto first_bytes = std::make_unique<support::GuardedBytes>(first);
            reader.set_input(first_bytes->begin(), first_bytes->end());
            StepKind step = reader.next();
            while (step == StepKind::enter) step = reader.next();
            REQUIRE(step == StepKind::need_more);
            const auto read = static_cast<size_t>(reader.at() - first_bytes->begin());
            CHECK_EQ(read, one.is_wanted ? one.before.size() : first.size());
            const std::string rest = (one.before + one.value + one.after).substr(read);
            const support::GuardedBytes second(rest);
            reader.set_input(second.begin(), second.end());
            step = reader.next();
            if (one.is_wanted) {
                REQUIRE(step == StepKind::boolean);
                CHECK_EQ(std::string(reader.text()), one.value);
                step = reader.next();
            }
            while (step == StepKind::exit) step = reader.next();
            CHECK(step == StepKind::need_more);
            CHECK(reader.finish());
        }
    }
}
