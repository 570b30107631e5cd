// Values of a JSON text while it arrives, and one value of a text that is there.
#include "generated.hpp"
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

#include <iterator>
#include <memory>

using namespace openai_stream;
using Fence = FieldStream::Fence;

namespace {

// What a FieldStream says, in memory of this size: "0:string[0]<text> ", and at the end what was wrong.
class Told {
public:
    Told(Span<const char* const> paths, size_t memory, Fence fence)
        : memory_(memory), fields_(paths, Buffer(memory_.data(), memory), fence) {}

    std::string log;

    void read(const corpus::Pieces& pieces) {
        for (const std::string_view piece : pieces) {
            // Exactly as many bytes as there are: a read beyond them is an error of the machine.
            support::GuardedBuffer copy(piece.size());
            std::memcpy(copy.data(), piece.data(), piece.size());
            fields_.feed(StringView(copy.data(), piece.size()));
            take();
            std::memset(copy.data(), '#', piece.size());
        }
        fields_.finish();
        take();
        if (fields_.error() != FieldError::none) log += std::string("error: ") + describe(fields_.error());
        else if (!fields_.is_complete()) log += "neither an error nor complete";
        if (is_open_ && fields_.error() == FieldError::none) log += "a string that never ended";
    }

private:
    void take() {
        FieldPiece piece;
        while (fields_.next(piece)) {
            if (piece.is_first == is_open_) log += "a first piece in the middle";
            if (piece.is_first) {
                const char* const kinds[] = {"{", "[", "}", "]", "string", "number", "boolean", "null"};
                log += std::to_string(piece.path) + ":" + kinds[static_cast<int>(piece.kind)] + "[" +
                       std::to_string(piece.index) + "]<";
            }
            if (piece.more && piece.text.empty()) log += "an empty piece in the middle";
            if (utf8::valid_beginning(piece.text).size() != piece.text.size()) log += "a piece that is not UTF-8";
            log += std::string(piece.text);
            if (!piece.more) log += "> ";
            is_open_ = piece.more;
        }
    }

    support::GuardedBuffer memory_;
    FieldStream fields_;
    bool is_open_ = false;
};

std::string told(const std::vector<const char*>& paths, const corpus::Pieces& pieces, size_t memory = 64,
                 Fence fence = Fence::refused) {
    Told what(Span<const char* const>(paths.data(), paths.size()), memory, fence);
    what.read(pieces);
    return what.log;
}

}  // namespace

TEST_CASE("what is delivered of a JSON text, and what is said where it is none") {
    struct Row {
        const char* name;
        std::vector<const char*> paths;
        const char* text;
        const char* expected;
        Fence fence = Fence::refused;
    };
    const Row rows[] = {
        {"a string", {"$.reply"}, R"({"emotion":"sad","reply":"Oh."})", "0:string[0]<Oh.> "},
        {"two, in the order of the text", {"$.b", "$.a"}, R"({"a":"1","b":"2"})", "1:string[0]<1> 0:string[0]<2> "},
        {"an empty string", {"$.a"}, R"({"a":""})", "0:string[0]<> "},
        {"escapes", {"$.a"}, R"({"a":"\"\\\/\b\f\n\r\t\u0041\u20ac"})", "0:string[0]<\"\\/\b\f\n\r\tA\xE2\x82\xAC> "},
        {"a pair of surrogates", {"$.a"}, R"({"a":"x\ud83d\ude00y"})", "0:string[0]<x\xF0\x9F\x98\x80y> "},
        {"half of a pair", {"$.a"}, R"({"a":"x\ud83dy\ude00\ud83d"})",
         "0:string[0]<x\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD> "},
        {"bytes that are no UTF-8", {"$.a"}, "{\"a\":\"x\xC3y\xFF\xE2\x82\"}",
         "0:string[0]<x\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD> "},
        {"numbers", {"$[*]"}, "[14, -0.5e3,0]", "0:number[0]<14> 0:number[1]<-0.5e3> 0:number[2]<0> "},
        {"literals", {"$[*]"}, "[true,false,null]", "0:boolean[0]<true> 0:boolean[1]<false> 0:null[2]<null> "},
        {"an object says when it begins and ends", {"$.a"}, R"({"a":{"b":[]},"c":1})", "0:{[0]<{> 0:}[0]<}> "},
        {"a list likewise", {"$.a"}, R"({"a":[{"a":1}]})", "0:[[0]<[> 0:][0]<]> "},
        {"members of each element", {"$.actions[*].name", "$.actions[*]"},
         R"({"actions":[{"name":"go","to":{"name":"no"}},{"name":"sit"}]})",
         "1:{[0]<{> 0:string[0]<go> 1:}[0]<}> 1:{[1]<{> 0:string[1]<sit> 1:}[1]<}> "},
        {"one element", {"$.a[1]", "$.a[2].b[0]"}, R"({"a":["x","y",{"b":["z","w"]}]})",
         "0:string[1]<y> 1:string[0]<z> "},
        {"the first path that leads somewhere counts", {"$.a[*]", "$.a[0]"}, R"({"a":["x"]})", "0:string[0]<x> "},
        {"names with dots and brackets", {"$['a.b']['c[0]']", "$[\"it's\"]"}, R"({"a.b":{"c[0]":"x"},"it's":"y"})",
         "0:string[0]<x> 1:string[0]<y> "},
        {"a name written with escapes", {"$.name"}, R"({"n\u0061me":"x"})", "0:string[0]<x> "},
        {"names that begin alike", {"$.re", "$.reply", "$.replyx"}, R"({"reply":"x","re":"y","rep":"z"})",
         "1:string[0]<x> 0:string[0]<y> "},
        {"deeper than any path", {"$.a", "$.a.b"}, "[[[[[[[[[[1]]]]]]]]],2]", ""},
        {"a bad byte and half a code point where the memory ends", {"$.a"},
         "{\"a\":\"01234567890123\xFF\xC3\xA9y\"}",
         "0:string[0]<01234567890123\xEF\xBF\xBD\xC3\xA9y> "},
        {"the last element that a path may name", {"$.a[999999]", "$.b"}, R"({"a":["x"],"b":"y"})", "1:string[0]<y> "},
        {"a name that is longer than the memory", {"$.it_has_more_than_sixteen_bytes"},
         R"({"it_h\u0061s_more_than_sixteen_bytes":"x"})", "0:string[0]<x> "},
        {"a member of what is no object", {"$.a.b"}, R"({"a":"x","c":{"b":"y"}})", ""},
        {"the whole text is a string", {"$"}, R"( "x" )", "0:string[0]<x> "},
        {"the whole text is a number", {"$"}, "12", "0:number[0]<12> "},
        {"nobody wants that number", {"$.a"}, "12", ""},
        {"eight steps", {"$.a.a.a.a.a.a.a.a"}, R"({"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":[1]}}}}}}}})",
         "0:[[0]<[> 0:][0]<]> "},
        {"the same name again", {"$.a"}, R"({"a":"x","a":"y"})", "0:string[0]<x> 0:string[0]<y> "},
        {"no path", {}, R"({"a":1})", ""},

        {"no JSON at all", {"$.a"}, "Sure! Here it is.", "error: the text is not JSON"},
        {"a mistake after what was good", {"$.a"}, R"({"a":"x",})", "0:string[0]<x> error: the text is not JSON"},
        {"a mistake in what nobody wants", {"$.a"}, R"({"b":[1,01],"a":"x"})", "error: the text is not JSON"},
        {"nothing", {"$.a"}, "", "error: the text ends before its JSON does"},
        {"cut off in a string", {"$.a"}, R"({"a":"xy)", "0:string[0]<xyerror: the text ends before its JSON does"},
        {"cut off in a number", {"$.a"}, R"({"a":12)", "error: the text ends before its JSON does"},
        {"something after it", {"$.a"}, R"({"a":"x"} Done.)", "0:string[0]<x> error: more text follows the JSON"},
        {"a path without its dollar", {"a"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"a path that stops half-way", {"$.a", "$.a[*"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"a path without a name", {"$.a..b"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"a step that begins with a letter", {"$a"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"an element without its first bracket", {"$(7]"}, "[]",
         "error: a path is not of the form $.name[0][*]['name']"},
        {"a quote that does not end", {"$['a"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"brackets around nothing", {"$[]"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"a name without quotes", {"$[a]"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"an element after the last", {"$[1000000]"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"one that no number holds", {"$[4294967296]"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"nine steps", {"$.a.a.a.a.a.a.a.a.a"}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"a null path", {nullptr}, "{}", "error: a path is not of the form $.name[0][*]['name']"},
        {"a number with more digits than memory", {"$.a"}, R"({"b":1234567890123456789012345678901234567890,"a":)"
         "1234567890123456789012345678901234567890123456789012345678901234567890}",
         "error: a number is longer than the memory it has to fit into"},

        {"a fence", {"$.a"}, "```json\n{\"a\":\"x\"}\n```\n", "0:string[0]<x> ", Fence::allowed},
        {"a fence in one line", {"$.a"}, "\n```{\"a\":\"x\"}```", "0:string[0]<x> ", Fence::allowed},
        {"a fence in one line, around a list", {"$[0]"}, "```json [\"x\"]```", "0:string[0]<x> ", Fence::allowed},
        {"a fence of four, and words after it", {"$.a"}, "````\n{\"a\":\"x\"}\n````\nI hope ```this``` helps.",
         "0:string[0]<x> ", Fence::allowed},
        {"a fence that is not closed", {"$.a"}, "```\n{\"a\":\"x\"}\n", "0:string[0]<x> ", Fence::allowed},
        {"a number in a fence", {"$"}, "```\n12\n```", "0:number[0]<12> ", Fence::allowed},
        {"no fence where one may be", {"$.a"}, "  {\"a\":\"`\"} ", "0:string[0]<`> ", Fence::allowed},
        {"a fence that was not allowed", {"$.a"}, "```json\n{\"a\":1}\n```", "error: the text is not JSON"},
        {"half a fence", {"$.a"}, "``{\"a\":1}", "error: the text is not JSON", Fence::allowed},
        {"half a fence around what is wanted", {"$"}, "``{\"a\":1}", "error: the text is not JSON", Fence::allowed},
        {"a blank within a fence", {"$.a"}, "`` `\n{\"a\":1}\n```", "error: the text is not JSON", Fence::allowed},
        {"a blank within the last fence", {"$.a"}, "```\n{\"a\":\"x\"}\n`` `",
         "0:string[0]<x> error: more text follows the JSON", Fence::allowed},
        {"words inside the fence, after the JSON", {"$.a"}, "```\n{\"a\":\"x\"}\nThere.\n```",
         "0:string[0]<x> error: more text follows the JSON", Fence::allowed},
        {"words after JSON without a fence", {"$.a"}, "{\"a\":\"x\"}\nThere.",
         "0:string[0]<x> error: more text follows the JSON", Fence::allowed},
        {"a fence around nothing", {"$.a"}, "```json\n", "error: the text ends before its JSON does", Fence::allowed},
        {"the first line of a fence alone", {"$.a"}, "```json",
         "error: the text ends before its JSON does", Fence::allowed},
        {"two ticks alone", {"$.a"}, "``", "error: the text ends before its JSON does", Fence::allowed},
        {"nothing where a fence may be", {"$.a"}, " ", "error: the text ends before its JSON does", Fence::allowed},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        // With nothing after their ends.
        std::vector<std::unique_ptr<support::GuardedBytes>> guarded;
        std::vector<const char*> paths;
        for (const char* const path : row.paths) {
            if (path) guarded.emplace_back(new support::GuardedBytes({path, std::strlen(path) + 1}));
            paths.push_back(path ? guarded.back()->begin() : nullptr);
        }
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(told(paths, pieces, 64, row.fence), row.expected);
            if (std::string_view(row.expected).find("number is longer") == std::string_view::npos)
                CHECK_EQ(told(paths, pieces, FieldStream::min_memory_bytes, row.fence), row.expected);
        });
    }
}

TEST_CASE("what a FieldStream cannot begin with") {
    struct Row {
        const char* name;
        size_t paths, memory;
        FieldError error;
        const char* sentence;
    };
    const char* const many = "there are more paths than FieldStream::max_paths";
    const char* const small = "the memory is smaller than FieldStream::min_memory_bytes";
    const Row rows[] = {
        {"as many paths as there may be", 16, 16, FieldError::none, "no error"},
        {"one more", 17, 16, FieldError::too_many_paths, many},
        {"a byte of memory is missing", 1, 15, FieldError::buffer_too_small, small},
        {"no memory", 1, 0, FieldError::buffer_too_small, small},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[16];
        const std::vector<const char*> paths(row.paths, "$.a");
        FieldStream fields(Span<const char* const>(paths.data(), paths.size()), Buffer(memory, row.memory));
        CHECK_EQ(static_cast<int>(fields.error()), static_cast<int>(row.error));
        CHECK_EQ(std::string(describe(fields.error())), row.sentence);
        fields.feed("{}");
        FieldPiece piece;
        CHECK_FALSE(fields.next(piece));
        CHECK_EQ(fields.is_complete(), row.error == FieldError::none);
    }
    ROW("nested deeper than JSON may be");
    const std::string deep(json::max_depth + 1, '[');
    CHECK_EQ(told({"$.a"}, {deep}), "error: the JSON is nested too deeply");
}

TEST_CASE("a string is delivered while it arrives, a number when it is complete") {
    ROW("$.emotion and $.reply");
    static const char* const paths[] = {"$.emotion", "$.reply", "$.score"};
    char memory[FieldStream::min_memory_bytes];
    FieldStream fields(paths, memory);
    std::string log, complete;
    size_t size = 0;
    for (const char* const piece : {"{\"emo", "tion\":\"an", "gry\",\"reply\":\"Go", " aw\\u00", "e4y\",\"score\":1", "2", "}"}) {
        fields.feed(piece);
        size += std::strlen(piece);
        FieldPiece got;
        while (fields.next(got)) log += std::string(got.text) + (got.more ? "+" : ".");
        log += "|";
        complete += fields.is_complete() ? '+' : '-';
    }
    CHECK_EQ(log, "|an+|gry.Go+| aw+|\xC3\xA4y.||" "12.|");
    CHECK_EQ(complete, "------+");
    CHECK(fields.is_complete());
    CHECK_EQ(fields.offset(), size);
}

TEST_CASE("what is not fetched is passed over") {
    ROW("feed() without next()");
    static const char* const paths[] = {"$.b"};
    char memory[FieldStream::min_memory_bytes];
    FieldStream fields(paths, memory);
    fields.feed("{\"a\":\"\\ud8");
    fields.feed("3d\",\"b\":\"x\\n");
    fields.feed("y\"}");
    FieldPiece piece;
    CHECK(fields.next(piece));
    CHECK_EQ(std::string(piece.text), "y");
    CHECK_FALSE(piece.more);
}

namespace {

// What is right, by the tree that was written.
const std::vector<const char*> all_paths = {"$.a", "$[*].b", "$.bc[*]", "$['a.b'].caf\xC3\xA9", "$.b[1]", "$[0]", "$.a.a", "$[*][*]"};

void expect(const generated::Value& value, const std::vector<std::string>& place, size_t index, std::string& log) {
    using Kind = generated::Value::Kind;
    size_t path = 0;
    const std::vector<std::vector<std::string>> steps = {{".a"}, {"*", ".b"}, {".bc", "*"}, {".a.b", ".caf\xC3\xA9"},
                                                         {".b", "1"}, {"0"}, {".a", ".a"}, {"*", "*"}};
    for (; path != steps.size(); ++path) {
        bool same = steps[path].size() == place.size();
        for (size_t step = 0; same && step != place.size(); ++step)
            same = steps[path][step] == place[step] || (steps[path][step] == "*" && place[step][0] != '.');
        if (same) break;
    }
    const std::string head = std::to_string(path) + ":", tail = "[" + std::to_string(index) + "]<";
    const bool wanted = path != steps.size();
    const bool is_object = value.kind == Kind::object;
    if (value.kind == Kind::string || value.kind == Kind::other) {
        const char first = value.text.empty() ? ' ' : value.text[0];
        const char* const kind = value.kind == Kind::string ? "string"
                                 : first == 't' || first == 'f' ? "boolean" : first == 'n' ? "null" : "number";
        if (wanted) log += head + kind + tail + value.text + "> ";
        return;
    }
    if (wanted) log += head + (is_object ? "{" : "[") + tail + (is_object ? "{> " : "[> ");
    for (size_t item = 0; item != value.items.size(); ++item) {
        std::vector<std::string> below = place;
        below.push_back(is_object ? "." + value.keys[item] : std::to_string(item));
        expect(value.items[item], below, is_object ? index : item, log);
    }
    if (wanted) log += head + (is_object ? "}" : "]") + tail + (is_object ? "}> " : "]> ");
}

}  // namespace

TEST_CASE("200 generated texts, in every cut, say what their generator meant") {
    size_t delivered = 0;
    for (unsigned number = 0; number != 200; ++number) {
        ROW("text " + std::to_string(number));
        generated::Json generator("json " + std::to_string(number));
        const generated::Value value = generator.value();
        const std::string text = generator.written(value);
        INFO(text);
        std::string expected;
        expect(value, {}, 0, expected);
        delivered += static_cast<size_t>(std::count(expected.begin(), expected.end(), '>'));
        std::string wrong;
        corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
            const size_t memory = FieldStream::min_memory_bytes + pieces.size() % 3;
            const std::string log = told(all_paths, pieces, memory, number % 2 ? Fence::allowed : Fence::refused);
            if (wrong.empty() && log != expected) wrong = corpus::describe(pieces) + ": " + log;
        });
        CHECK_MESSAGE(wrong.empty(), wrong << "\nexpected: " << expected);
    }
    CHECK_GT(delivered, 300);
}

TEST_CASE("one value of a whole text") {
    struct Row {
        const char* name;
        const char* text;
        const char* path;
        const char* expected;  // null: not found
        FieldKind kind;
        FieldError error;
    };
    const FieldKind string = FieldKind::string, null = FieldKind::null;
    const FieldError none = FieldError::none;
    const Row rows[] = {
        {"a string", R"({"city":"Brest"})", "$.city", "Brest", string, none},
        {"without its escapes", R"({"city":"Troms\u00f8"})", "$.city", "Troms\xC3\xB8", string, none},
        {"an empty one is there", R"({"city":""})", "$.city", "", string, none},
        {"a number", R"({"n":[1,-2.5]})", "$.n[1]", "-2.5", FieldKind::number, none},
        {"all of it is a number", "12", "$", "12", FieldKind::number, none},
        {"true", R"({"n":true})", "$.n", "true", FieldKind::boolean, none},
        {"null is there", R"({"n":null})", "$.n", "null", null, none},
        {"an object as it is written", R"({"a":{ "b":[1, 2]} ,"c":{}})", "$.a", R"({ "b":[1, 2]})",
         FieldKind::object_begin, none},
        {"a list longer than the memory", R"({"a":["0123456789","0123456789"]})", "$.a",
         R"(["0123456789","0123456789"])", FieldKind::array_begin, none},
        {"the last of several", R"({"a":"long enough","a":{},"a":"x"})", "$.a", "x", string, none},
        {"not there", R"({"b":"x"})", "$.a", nullptr, null, none},
        {"as large as the memory", R"({"a":"0123456789abcdef"})", "$.a", "0123456789abcdef", string, none},
        {"larger than that", R"({"a":"0123456789abcdefg"})", "$.a", nullptr, string, FieldError::buffer_too_small},
        {"larger, but not the last", R"({"a":"0123456789abcdefg","a":"x"})", "$.a", "x", string, none},
        {"no JSON after it", R"({"a":"x",)", "$.a", nullptr, string, FieldError::truncated},
        {"no JSON before it", R"({a:"x"})", "$.a", nullptr, null, FieldError::not_json},
        {"no text", "", "$.a", nullptr, null, FieldError::truncated},
        {"no path", "{}", nullptr, nullptr, null, FieldError::bad_path},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(16);
        const FoundValue found = json_find(row.text, row.path, Buffer(memory.data(), 16));
        CHECK_EQ(found.is_found, row.expected != nullptr);
        CHECK_EQ(std::string(found.text), row.expected ? row.expected : "");
        CHECK_EQ(static_cast<int>(found.kind), static_cast<int>(row.kind));
        CHECK_EQ(static_cast<int>(found.error), static_cast<int>(row.error));
        CHECK_EQ(static_cast<bool>(json_find(row.text, row.path, Buffer())),
                 found && (row.kind != string || found.text.empty()) && row.kind != FieldKind::number);
    }
}

TEST_CASE("json_find() finds what another parser finds in generated texts") {
    for (unsigned number = 0; number != 200; ++number) {
        ROW("text " + std::to_string(number));
        generated::Json generator("find " + std::to_string(number));
        const generated::Value value = generator.value();
        const std::string text = generator.written(value);
        INFO(text);
        const generated::Value* right = nullptr;
        for (size_t index = 0; index != value.keys.size(); ++index)
            if (value.keys[index] == "caf\xC3\xA9") right = &value.items[index];
        char memory[256];
        const FoundValue found = json_find(text, "$.caf\xC3\xA9", memory);
        CHECK_EQ(found.is_found, right != nullptr);
        if (!right || !found) continue;
        if (right->kind == generated::Value::Kind::string || right->kind == generated::Value::Kind::other) {
            CHECK_EQ(std::string(found.text), right->text);
        } else {
            std::string one = std::string(found.text), all = "x";
            CHECK_EQ(one[0], right->kind == generated::Value::Kind::object ? '{' : '[');
            CHECK_NE(text.find(one), std::string::npos);
            json::Validator validator;
            CHECK((validator.feed(one) && validator.finish()));
        }
    }
}

TEST_CASE("no heap") {
    if (!support::HeapTrap::works()) return tally::skip("the heap cannot be trapped here");
    ROW("FieldStream and json_find()");
    static const char* const paths[] = {"$.a", "$.b[*]"};
    size_t bytes = 0;
    {
        support::HeapTrap trap;
        char memory[64];
        FieldStream fields(paths, memory, Fence::allowed);
        FieldPiece piece;
        for (const char* text : {"```\n{\"a\":\"x\\ud83d", "\\ude00\xFF\",\"b\":[1", "2,true]}\n``", "`"}) {
            fields.feed(text);
            while (fields.next(piece)) bytes += piece.text.size();
        }
        fields.finish();
        bytes += json_find("{\"city\":\"Br\\u0065st\"}", "$.city", memory).text.size();
    }
    CHECK_EQ(bytes, std::strlen("x????FFD12true") + std::strlen("Brest"));
}
