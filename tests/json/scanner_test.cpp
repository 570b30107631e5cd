// Tokens of JSON texts: the corpus, the JSONTestSuite, and an independent parser as the judge of what was read.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace json = openai_stream::json;
using json::Scanner;
using json::TokenKind;
using openai_stream::Error;
using openai_stream::StringView;

namespace {

constexpr unsigned max_depth = json::max_depth;

// What the scanner says of one token.
struct Token {
    TokenKind kind;
    bool first, complete, escaped, above_ascii;
    std::string text;
    const char* begin;
};
Token next(Scanner& scanner, const char*& at, const char* end) {
    scanner.set_input(at, end);
    const TokenKind kind = scanner.next();
    at = scanner.at();
    if (kind != TokenKind::key && kind != TokenKind::string && kind != TokenKind::number)
        return {kind, true, true, false, false, "", at};
    return {kind,
            scanner.is_first(),
            scanner.is_complete(),
            scanner.has_escape(),
            scanner.is_above_ascii(),
            std::string(scanner.begin(), scanner.end()),
            scanner.begin()};
}

// What was read, a token on a line: "{", "}", "[", "]", "k:NAME", "s:TEXT", "n:NUMBER", "t", "f", "0".
struct Reading {
    bool valid = false;
    Error error = Error::none;
    std::string tokens;   // strings as they were sent
    std::string decoded;  // strings unescaped
    std::string broken;   // a rule of Token that was not kept
};

std::string unescaped(std::string text) {
    const StringView whole = json::unescape_atom(&text[0], text.data() + text.size());
    return whole;
}

void take(Reading& reading, const char* what, const std::string& text = "", const std::string& plain = "") {
    reading.tokens += what + text + "\n";
    reading.decoded += what + plain + "\n";
}

// The pieces follow each other where they lie, up to a page that cannot be read.
Reading read(const corpus::Pieces& pieces) {
    Scanner scanner;
    Reading reading;
    std::string text;
    bool inside = false, escaped = false;
    size_t total = 0;
    for (const std::string_view piece : pieces) total += piece.size();
    support::GuardedBuffer input(total);
    char* next_piece = input.data();
    for (const std::string_view piece : pieces) {
        const char* at = next_piece;
        std::memcpy(next_piece, piece.data(), piece.size());
        next_piece += piece.size();
        for (bool more = true; more;) {
            const char* const before = at;
            const Token token = next(scanner, at, next_piece);
            if (at < before || at > next_piece) reading.broken = "at left the input";
            switch (token.kind) {
                case TokenKind::need_more:
                    if (at != next_piece) reading.broken = "need_more with input left";
                    more = false;
                    break;
                case TokenKind::failed:
                    if (scanner.next() != TokenKind::failed || scanner.finish())
                        reading.broken = "a failure that does not absorb";
                    reading.error = scanner.error();
                    if (reading.error == Error::none) reading.broken = "a failure without an error";
                    return reading;
                case TokenKind::object_begin: take(reading, "{"); break;
                case TokenKind::object_end: take(reading, "}"); break;
                case TokenKind::array_begin: take(reading, "["); break;
                case TokenKind::array_end: take(reading, "]"); break;
                case TokenKind::boolean: take(reading, scanner.is_true() ? "t" : "f"); break;
                case TokenKind::null: take(reading, "0"); break;
                case TokenKind::key:
                case TokenKind::string:
                case TokenKind::number: {
                    if (token.first == inside) reading.broken = "first is wrong";
                    const std::string& part = token.text;
                    if (part.empty() && !token.complete && !token.first) reading.broken = "a piece of nothing";
                    bool above = false;
                    for (const char c : part) above = above || (static_cast<unsigned char>(c) & 0x80) != 0;
                    if (token.above_ascii != above) reading.broken = "above_ascii is wrong";
                    escaped = (inside && escaped) || token.escaped;
                    text += part;
                    inside = !token.complete;
                    if (inside) break;
                    if (escaped != (text.find('\\') != std::string::npos)) reading.broken = "escaped is wrong";
                    if (token.kind == TokenKind::number)
                        take(reading, "n:", text, text);
                    else
                        take(reading, token.kind == TokenKind::key ? "k:" : "s:", text, unescaped(text));
                    text.clear();
                    break;
                }
            }
        }
    }
    reading.valid = scanner.finish();
    // A number at the end of a text has no byte after it that would end it.
    if (inside && reading.valid) take(reading, "n:", text, text);
    return reading;
}

// The same by nlohmann/json, which keeps a number's digits for floats only.
class Judge : public nlohmann::json_sax<nlohmann::json> {
public:
    std::string tokens;

    bool null() override { return say("0"); }
    bool boolean(bool value) override { return say(value ? "t" : "f"); }
    bool number_integer(number_integer_t value) override { return say("n:" + std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return say("n:" + std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { return say("n:" + text); }
    bool string(string_t& value) override { return say("s:" + value); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return say("{"); }
    bool key(string_t& value) override { return say("k:" + value); }
    bool end_object() override { return say("}"); }
    bool start_array(std::size_t) override { return say("["); }
    bool end_array() override { return say("]"); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

private:
    bool say(const std::string& token) {
        tokens += token + "\n";
        return true;
    }
};

// Every cut gives the same reading; what an independent parser takes is read in the same way.
Reading read_all_cuts(const std::string& input, bool large) {
    const Reading whole = read({input});
    std::string wrong = whole.broken;
    corpus::for_each_cut(input, large, [&](const corpus::Pieces& pieces) {
        const Reading reading = read(pieces);
        if (!wrong.empty()) return;
        wrong = reading.broken;
        if (wrong.empty() && reading.valid != whole.valid) wrong = reading.valid ? "valid" : "not valid";
        if (wrong.empty() && reading.error != whole.error) wrong = describe(reading.error);
        if (wrong.empty() && reading.valid && reading.tokens != whole.tokens) wrong = "other tokens: " + reading.tokens;
        if (!wrong.empty()) wrong = corpus::describe(pieces) + ": " + wrong;
    });
    CHECK_EQ(wrong, "");

    Judge judge;
    // It takes a byte order mark, and a NUL as the end.
    const bool comparable = input.compare(0, 3, "\xEF\xBB\xBF") != 0 && input.find('\0') == std::string::npos;
    if (comparable && nlohmann::json::sax_parse(input, &judge)) {
        std::string mine = whole.decoded;  // -0 is an int to it, and therefore 0
        for (size_t at = 0; (at = mine.find("n:-0\n", at)) != std::string::npos;) mine.replace(at, 5, "n:0\n");
        if (whole.valid)
            CHECK_EQ(mine, judge.tokens);
        else
            CHECK(whole.error == Error::json_too_deep);
    }
    return whole;
}

std::string repeat(const std::string& text, size_t count) {
    std::string all;
    for (size_t i = 0; i != count; ++i) all += text;
    return all;
}

std::string flags(const Token& token) {
    std::string text = token.first ? "first " : "";
    if (token.complete) text += "complete ";
    if (token.escaped) text += "escaped ";
    if (token.above_ascii) text += "above ";
    return text + token.text;
}

}  // namespace

TEST_CASE("the rows of the corpus") {
    size_t rows = 0;
    for (const nlohmann::json& row : corpus::rows("json.jsonl")) {
        ROW(row.at("name").get<std::string>());
        ++rows;
        const Reading reading = read_all_cuts(corpus::bytes(row, "json"), corpus::is_large(row));
        bool wanted = row.at("expect").at("valid") == reading.valid;
        for (const nlohmann::json& other : row.value("alts", nlohmann::json::array()))
            wanted = wanted || other.at("valid") == reading.valid;
        CHECK(wanted);
    }
    CHECK_EQ(rows, 163);
}

TEST_CASE("numbers and literals, to the letter") {
    struct Row {
        const char* text;
        bool valid;
    };
    const Row rows[] = {
        {"0", true},         {"-0", true},       {"10", true},       {"-10", true},          {"0.0", true},
        {"0.10", true},      {"1.5", true},      {"1e5", true},      {"1E5", true},          {"1e+5", true},
        {"1e-05", true},     {"0e0", true},      {"0.0e0", true},    {"1.5E-5", true},       {"true", true},
        {"false", true},     {"null", true},     {"", false},        {"-", false},           {"+", false},
        {"+1", false},       {"--1", false},     {"-+1", false},     {"00", false},          {"01", false},
        {"-01", false},      {"1-", false},      {"1-1", false},     {".", false},           {".5", false},
        {"-.5", false},      {"1.", false},      {"1..5", false},    {"1.5.5", false},       {"1.e5", false},
        {"1.-5", false},     {"e5", false},      {"-e5", false},     {"1e", false},          {"1e+", false},
        {"1e-", false},      {"1e+-5", false},   {"1e++5", false},   {"1e5e5", false},       {"1e5.5", false},
        {"1e.5", false},     {"1e5+5", false},   {"1ee5", false},    {"1.5e5e", false},      {"0x1", false},
        {"1a", false},       {"1_0", false},     {"1,5", false},     {"Infinity", false},    {"NaN", false},
        {"t", false},        {"tru", false},     {"truE", false},    {"truee", false},       {"True", false},
        {"fals", false},     {"falsee", false},  {"nul", false},     {"nulll", false},       {"nil", false},
        {"\"", false},       {"\"\\", false},    {"\"\\u12", false}, {"\"\\u123g\"", false}, {"\"\\U0041\"", false},
        {"\"\x1F\"", false}, {"\"\x7F\"", true},
    };
    for (const Row& row : rows) {
        ROW(std::string("'") + row.text + "'");
        CHECK_EQ(read_all_cuts(row.text, false).valid, row.valid);
        CHECK_EQ(read_all_cuts(std::string(" ") + row.text + " ", false).valid, row.valid);
        const bool is_list = std::strcmp(row.text, "") == 0 || std::strcmp(row.text, "1,5") == 0;  // in brackets
        CHECK_EQ(read_all_cuts(std::string("[") + row.text + "]", false).valid, row.valid || is_list);
        CHECK_EQ(read_all_cuts(std::string("{\"a\":") + row.text + "}", false).valid, row.valid);
    }
}

// Where that suite leaves the answer open this scanner looks at the grammar only: it takes numbers of any size, halves
// of surrogate pairs, and strings that are not UTF-8 (unescaping repairs them), and refuses other encodings, byte order
// marks and what is nested deeper than max_depth.
TEST_CASE("JSONTestSuite") {
    const auto rows = corpus::shared_rows("cases/jsontestsuite.jsonl");
    if (!rows) return;
    size_t accepted = 0, refused = 0, open = 0;
    for (const nlohmann::json& row : *rows) {
        ROW(row.at("name").get<std::string>());
        const std::string input = corpus::bytes(row, "input");
        const Reading reading = read_all_cuts(input, corpus::is_large(row));
        const std::string expect = row.at("expect");
        ++(expect == "accept" ? accepted : expect == "reject" ? refused : open);
        const bool other_encoding = input.find('\0') != std::string::npos;
        const bool marked = input.compare(0, 3, "\xEF\xBB\xBF") == 0 || input.compare(0, 2, "\xFF\xFE") == 0;
        const bool deep = input.find(std::string(max_depth + 1, '[')) != std::string::npos;
        const bool taken = expect == "accept" || (expect == "either" && !other_encoding && !marked && !deep);
        CHECK_EQ(reading.valid, taken);
    }
    CHECK_EQ(accepted, 95);
    CHECK_EQ(refused, 188);
    CHECK_EQ(open, 35);
}

TEST_CASE("the deepest nesting, and one level more") {
    struct Row {
        const char* name;
        std::string text;  // of max_depth levels
    };
    const Row rows[] = {
        {"lists", repeat("[", max_depth) + repeat("]", max_depth)},
        {"objects", repeat("{\"a\":", max_depth) + "1" + repeat("}", max_depth)},
        {"lists of objects", repeat("[{\"a\":", max_depth / 2) + "1" + repeat("}]", max_depth / 2)},
        {"objects of lists", repeat("{\"a\":[", max_depth / 2) + repeat("]}", max_depth / 2)},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Reading good = read_all_cuts(row.text, false);
        CHECK(good.valid);
        const auto opened = [&](char c) { return std::count(good.tokens.begin(), good.tokens.end(), c); };
        CHECK_EQ(opened('[') + opened('{'), static_cast<ptrdiff_t>(max_depth));
        const Reading bad = read_all_cuts("[" + row.text + "]", false);
        CHECK_FALSE(bad.valid);
        CHECK(bad.error == Error::json_too_deep);
    }
}

TEST_CASE("the kind of each level is remembered") {
    for (const unsigned level : {0u, 1u, 6u, 7u, 8u, 9u, 15u, 16u, 63u, 64u, max_depth - 1}) {
        ROW("an object at level " + std::to_string(level));
        const std::string lists = repeat("[", level), ends = repeat("]", level);
        CHECK(read_all_cuts(lists + "{\"a\":1,\"b\":2}" + ends, true).valid);
        CHECK_FALSE(read_all_cuts(lists + "{\"a\":1]" + ends, true).valid);
        CHECK_FALSE(read_all_cuts(lists + "{\"a\":1,2}" + ends, true).valid);
        if (level + 1 < max_depth)
            CHECK(read_all_cuts(lists + "{\"a\":[{}],\"b\":2}" + ends, true).valid == (level + 3 <= max_depth));
        if (level != 0) CHECK_FALSE(read_all_cuts(lists + "1}" + ends.substr(1), true).valid);
        if (level != 0) CHECK_FALSE(read_all_cuts(lists + "1,\"a\":2" + ends, true).valid);
        if (level != 0) CHECK(read_all_cuts(lists + "{\"a\":1},2" + ends, true).valid);
    }
}

TEST_CASE("what a token says of its text") {
    struct Row {
        const char* name;
        corpus::Pieces pieces;
        std::vector<std::string> tokens;
    };
    const Row rows[] = {
        {"a string", {"\"abc\""}, {"first complete abc"}},
        {"an empty string", {"\"\""}, {"first complete "}},
        {"a string in two pieces", {"\"ab", "c\""}, {"first ab", "complete c"}},
        {"in three", {"\"ab", "c", "d\""}, {"first ab", "c", "complete d"}},
        {"cut after the quote that begins it", {"\"", "ab\""}, {"first ", "complete ab"}},
        {"cut before the quote", {"\"ab", "\""}, {"first ab", "complete "}},
        {"an escape", {"\"a\\n\""}, {"first complete escaped a\\n"}},
        {"an escape in the second piece", {"\"a", "\\n", "b\""}, {"first a", "escaped \\n", "complete b"}},
        {"an escape cut in two", {"\"a\\", "nb\""}, {"first escaped a\\", "complete nb"}},
        {"a code unit cut in two", {"\"\\u00", "e9b\""}, {"first escaped \\u00", "complete e9b"}},
        {"a byte above ASCII", {"\"\xC3\xA9\""}, {"first complete above \xC3\xA9"}},
        {"in the second piece", {"\"a", "\xC3\xA9", "b\""}, {"first a", "above \xC3\xA9", "complete b"}},
        {"after sixteen others",
         {"\"0123456789abcdef01\xC3\xA9\""},
         {"first complete above 0123456789abcdef01\xC3\xA9"}},
        {"before sixteen others",
         {"\"\xC3\xA9"
          "0123456789abcdef\""},
         {"first complete above \xC3\xA9"
          "0123456789abcdef"}},
        {"after the string", {"\"ab\"", "  "}, {"first complete ab"}},
        {"both", {"\"\xC3\xA9\\n\""}, {"first complete escaped above \xC3\xA9\\n"}},
        {"a byte above ASCII after an escape", {"\"\\n\xC3\xA9\""}, {"first complete escaped above \\n\xC3\xA9"}},
        {"a number", {"12 "}, {"first complete 12"}},
        {"a number in two pieces", {"12", "34 "}, {"first 12", "complete 34"}},
        {"a number that ends with its piece", {"12", " "}, {"first 12", "complete "}},
        {"a sign alone", {"-", "1 "}, {"first -", "complete 1"}},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Scanner scanner;
        std::vector<std::string> tokens;
        for (const std::string_view piece : row.pieces) {
            const char* at = piece.data();
            while (true) {
                const Token token = next(scanner, at, piece.data() + piece.size());
                if (token.kind == TokenKind::need_more || token.kind == TokenKind::failed) break;
                tokens.push_back(flags(token));
            }
        }
        CHECK_EQ(nlohmann::json(tokens), nlohmann::json(row.tokens));
    }
}

TEST_CASE("a token that was begun can be read again from its beginning") {
    struct Row {
        const char* name;
        std::string before, token, after;
        bool is_key;
        TokenKind kind;
    };
    const Row rows[] = {
        {"a key", "{", "\"name\"", ":1}", true, TokenKind::key},
        {"a second key", "{\"a\":1,", "\"na\\u00e9me\"", ":1}", true, TokenKind::key},
        {"a string", "{\"a\":", "\"text\"", "}", false, TokenKind::string},
        {"a string in a list", "[1,", "\"te\\\"xt\"", ",2]", false, TokenKind::string},
        {"the first of a list", "[", "\"text\"", "]", false, TokenKind::string},
        {"a number", "{\"a\":", "-12.5e+3", ",\"b\":2}", false, TokenKind::number},
        {"a whole text", "", "\"text\"", "", false, TokenKind::string},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string text = row.before + row.token + row.after;
        const size_t quote = row.kind == TokenKind::number ? 0 : 1;
        const std::string inside = row.token.substr(quote, row.token.size() - 2 * quote);
        std::string wrong;
        for (size_t cut = row.before.size() + quote + 1; cut < row.before.size() + row.token.size(); ++cut) {
            Scanner scanner;
            const char* at = text.data();
            Token token = next(scanner, at, text.data() + cut);
            while (token.complete) token = next(scanner, at, text.data() + cut);
            if (token.kind != row.kind || token.begin != text.data() + row.before.size() + quote)
                wrong = "not the token";
            scanner.unread(row.is_key ? TokenKind::key : row.kind);
            at = scanner.at();
            if (at != text.data() + row.before.size()) wrong = "not from its first byte on";
            token = next(scanner, at, text.data() + text.size());
            if (token.kind != row.kind || !token.first || !token.complete || token.text != inside)
                wrong = "cut at " + std::to_string(cut) + ": " + flags(token);
            while (token.kind != TokenKind::need_more && token.kind != TokenKind::failed)
                token = next(scanner, at, text.data() + text.size());
            if (!scanner.finish()) wrong = "cut at " + std::to_string(cut) + ": not valid";
        }
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("another value can be read right after one, whatever stands around it") {
    struct Row {
        const char* name;
        std::string before, other, after;
        bool whole;  // the other one is a value, and nothing behind it is read
        bool valid;
    };
    const Row rows[] = {
        {"in an object", "{\"a\":[1]", "{\"b\":[2]}", ",\"c\":3}", true, true},
        {"in a list", "[[1]", "[2]", ",3]", true, true},
        {"the whole text", "{\"a\":1}", "[2]", " ", true, true},
        {"at the end of its container", "[[1]", "{}", "]", true, true},
        {"in front of a member", "{\"a\":{}", "[[]]", ",\"b\":[]}", true, true},
        {"then the text has to go on after the first one", "{\"a\":[1]", "[2]", "[3]}", true, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Scanner scanner;
        const auto feed = [&](const std::string& text) {
            TokenKind kind = TokenKind::null;
            scanner.set_input(text.data(), text.data() + text.size());
            while (kind != TokenKind::need_more && kind != TokenKind::failed) kind = scanner.next();
        };
        feed(row.before);
        const unsigned depth = scanner.depth();
        const uint8_t state = scanner.suspend();
        feed(row.other);
        if (row.whole) CHECK_EQ(scanner.depth(), depth);
        scanner.resume(state);
        feed(row.after);
        CHECK_EQ(scanner.finish(), row.valid);
    }
}

TEST_CASE("which tokens are a scalar, or the beginning of a container") {
    struct Row {
        const char* name;
        TokenKind kind;
        bool is_scalar, is_begin;
    };
    const Row rows[] = {
        {"the beginning of an object", TokenKind::object_begin, false, true},
        {"the beginning of a list", TokenKind::array_begin, false, true},
        {"a string", TokenKind::string, true, false},
        {"a number", TokenKind::number, true, false},
        {"a boolean", TokenKind::boolean, true, false},
        {"a key", TokenKind::key, false, false},
        {"the end of an object", TokenKind::object_end, false, false},
        {"the end of a list", TokenKind::array_end, false, false},
        {"null, which says what a missing key says", TokenKind::null, false, false},
        {"what is no JSON", TokenKind::failed, false, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(openai_stream::json::is_scalar(row.kind), row.is_scalar);
        CHECK_EQ(openai_stream::json::is_begin(row.kind), row.is_begin);
    }
}

TEST_CASE("depth, the kind of each level, and the value of a boolean") {
    const std::string text = "[{\"a\":[true,false]},null]";
    Scanner scanner;
    const char* at = text.data();
    std::string log;
    while (true) {
        const Token token = next(scanner, at, text.data() + text.size());
        if (token.kind == TokenKind::need_more || token.kind == TokenKind::failed) break;
        log += std::to_string(scanner.depth());
        for (unsigned level = 0; level != scanner.depth(); ++level) log += scanner.is_object_at(level) ? 'o' : 'l';
        if (token.kind == TokenKind::boolean) log += scanner.is_true() ? "+" : "-";
        log += ' ';
    }
    CHECK_EQ(log, "1l 2lo 2lo 3lol 3lol+ 3lol- 2lo 1l 1l 0 ");
    CHECK(scanner.finish());
    CHECK(scanner.error() == Error::none);
}
