// JSON as it is written: strings, integers.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace oai = openai_stream;
namespace json = openai_stream::json;

namespace {

size_t write_string(oai::StringView text, size_t& position, char* into, size_t room) {
    json::Window window = {into, room};
    json::write_string(text, position, window);
    if (into) CHECK(window.at == into + (room - window.room));
    return room - window.room;
}

// The same text in windows of this size, each in memory of exactly that size. "STUCK" when a window stayed empty.
std::string write(const std::string& text, size_t window) {
    const support::GuardedBytes input(text);
    support::GuardedBuffer memory(window);
    std::string all;
    for (size_t position = 0; position != json::at_end;) {
        const size_t count = write_string(input, position, memory.data(), window);
        if (count > window || (count == 0 && position != json::at_end)) return "STUCK";
        all.append(memory.data(), count);
    }
    return all;
}

size_t count(const std::string& text, size_t window) {
    size_t sum = 0;
    for (size_t position = 0; position != json::at_end;) sum += write_string(text, position, nullptr, window);
    return sum;
}

// By the Unicode Standard's table 3-7 and the WHATWG's cuts, written the slow way.
std::string repaired(const std::string& text) {
    std::string out;
    const auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    for (size_t at = 0; at < text.size();) {
        const unsigned lead = byte(at);
        const size_t length = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3
                              : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
        size_t good = length == 0 ? 0 : 1;
        while (good != 0 && good < length) {
            const unsigned low = good == 1 && lead == 0xE0 ? 0xA0 : good == 1 && lead == 0xF0 ? 0x90 : 0x80;
            const unsigned high = good == 1 && lead == 0xED ? 0x9F : good == 1 && lead == 0xF4 ? 0x8F : 0xBF;
            if (byte(at + good) < low || byte(at + good) > high) break;
            ++good;
        }
        if (length != 0 && good == length) out += text.substr(at, length);
        else out += "\xEF\xBF\xBD";
        at += good == 0 ? 1 : good;
    }
    return out;
}

void check_string(const std::string& text, const std::string& decoded) {
    const std::string whole = write(text, text.size() * 6 + 2);
    const nlohmann::json parsed = nlohmann::json::parse(whole, nullptr, false);
    REQUIRE(parsed.is_string());
    CHECK_EQ(parsed.get<std::string>(), decoded);
    CHECK_EQ(count(text, SIZE_MAX / 2), whole.size());
    CHECK_EQ(count(text, json::max_atom_bytes), whole.size());
    for (size_t window = json::max_atom_bytes; window < 40; ++window) {
        CAPTURE(window);
        CHECK_EQ(write(text, window), whole);
    }
}

}  // namespace

TEST_CASE("conformance rows: strings and integers") {
    for (const nlohmann::json& row : corpus::rows("json_writer.jsonl")) {
        const std::string kind = row.at("kind");
        if (kind == "string") {
            ROW(row.at("name").get<std::string>());
            const std::string text = corpus::bytes(row, "value");
            check_string(text, corpus::bytes(row, "decoded"));
            const std::string written = write(text, 4096);
            if (row.contains("output_must_not_contain_b64"))
                for (const nlohmann::json& forbidden : row.at("output_must_not_contain_b64"))
                    CHECK_EQ(written.find(corpus::base64(forbidden.get<std::string>())), std::string::npos);
        } else if (kind == "int") {
            ROW(row.at("name").get<std::string>());
            char digits[20];
            const std::string written = json::format_integer(row.at("value").get<int64_t>(), digits);
            CHECK_EQ(nlohmann::json::parse(written).get<int64_t>(), row.at("decoded").get<int64_t>());
        }
    }
}

TEST_CASE("what each byte is written as") {
    for (int value = 0; value < 256; ++value) {
        ROW("byte " + std::to_string(value));
        const std::string text(1, static_cast<char>(value));
        const char* const hex = "0123456789abcdef";
        std::string expected = value < 0x20 ? std::string("\\u00") + hex[value >> 4] + hex[value & 15]
                               : value >= 0x80 ? "\xEF\xBF\xBD" : text;
        if (value == '"') expected = "\\\"";
        if (value == '\\') expected = "\\\\";
        if (value == '\b') expected = "\\b";
        if (value == '\f') expected = "\\f";
        if (value == '\n') expected = "\\n";
        if (value == '\r') expected = "\\r";
        if (value == '\t') expected = "\\t";
        CHECK_EQ(write(text, 16), "\"" + expected + "\"");
        CHECK_EQ(write("ab" + text + "cd", 16), "\"ab" + expected + "cd\"");
    }
}

TEST_CASE("strings come out as they are, valid, in windows of every size") {
    struct Row {
        const char* name;
        std::string text;
    };
    const std::string smile = "\xF0\x9F\x98\x80", euro = "\xE2\x82\xAC", umlaut = "\xC3\xBC";
    std::string mixed, all_bytes;
    for (int i = 0; i < 40; ++i)
        mixed +=
            "Stra\xC3\x9F"
            "e \"" +
            smile + "\"\n" + std::string(static_cast<size_t>(i), 'x') + euro;
    for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
    const Row rows[] = {
        {"nothing", ""},
        {"a NUL inside", std::string("a\0b", 3)},
        {"longer than one look ahead", std::string(1000, 'a')},
        {"longer than one look ahead, an escape at each end", "\"" + std::string(129, 'a') + "\\"},
        {"only quotes", std::string(100, '"')},
        {"only control bytes", std::string(100, '\x01')},
        {"characters of two bytes", umlaut + umlaut + umlaut + "a" + umlaut},
        {"characters of three bytes after one",
         "a" + euro + euro + euro + euro + euro + euro + euro + euro + euro + euro + euro},
        {"characters of four bytes after two",
         "ab" + smile + smile + smile + smile + smile + smile + smile + smile + smile},
        {"of all kinds", mixed},
        {"the 256 bytes in order", all_bytes},
        {"a character cut at the end", "abc" + smile.substr(0, 3)},
        {"a character cut by a quote", smile.substr(0, 2) + "\"" + euro.substr(0, 2) + "\\"},
        {"a character cut by ASCII", euro.substr(0, 2) + "x" + umlaut.substr(0, 1) + "y"},
        {"overlong, surrogates, beyond the end",
         "\xC0\xAF \xE0\x80\x80 \xED\xA0\x80 \xF4\x90\x80\x80 \xF8\x88\x80\x80"},
        {"only continuation bytes", std::string(100, '\x80')},
        {"valid and invalid in turns", umlaut + "\xFF" + euro + "\x80" + smile + "\xC3" + umlaut},
        {"DEL, a slash and a line separator stay", "\x7F/\xE2\x80\xA8"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        check_string(row.text, repaired(row.text));
    }
}

// A cost that grows with the square of the text would take minutes here.
TEST_CASE("a megabyte of bytes that cannot stay as they are") {
    for (const char byte : {'\xFF', '\x01', '"'}) {
        ROW("byte " + std::to_string(static_cast<unsigned char>(byte)));
        const std::string text(1024 * 1024, byte);
        const size_t each = byte == '"' ? 2 : byte == '\x01' ? 6 : 3;
        CHECK_EQ(count(text, SIZE_MAX / 2), text.size() * each + 2);
        CHECK_EQ(write(text, 64 * 1024).size(), text.size() * each + 2);
    }
}

TEST_CASE("an escape that does not fit is left for the next window") {
    char window[8] = {};
    size_t position = 0;
    CHECK_EQ(write_string("abcd\x01z", position, window, 8), 5);
    CHECK_EQ(std::string(window, 5), "\"abcd");
    CHECK_EQ(write_string("abcd\x01z", position, window, 8), 8);
    CHECK_EQ(std::string(window, 8), "\\u0001z\"");
    CHECK_EQ(position, json::at_end);
    CHECK_EQ(write_string("abcd\x01z", position, window, 8), 0);
}

TEST_CASE("a character that does not fit is left for the next window") {
    char window[8] = {};
    size_t position = 0;
    CHECK_EQ(write_string("abcde\xE2\x82\xAC", position, window, 8), 6);
    CHECK_EQ(write_string("abcde\xE2\x82\xAC", position, window, 3), 3);
    CHECK_EQ(std::string(window, 3), "\xE2\x82\xAC");
    CHECK_EQ(write_string("abcde\xE2\x82\xAC", position, window, 0), 0);
    CHECK_EQ(write_string("abcde\xE2\x82\xAC", position, window, 1), 1);
    CHECK_EQ(window[0], '"');
    CHECK_EQ(position, json::at_end);
}

TEST_CASE("a text that becomes shorter between two windows is not read after its end") {
    char window[16];
    size_t position = 0;
    const support::GuardedBytes text("abcdefghijklmnopqrstuvwxyz");
    CHECK_EQ(write_string(text, position, window, 16), 16);
    CHECK_EQ(write_string(oai::StringView(text).take(3), position, window, 16), 1);
    CHECK_EQ(window[0], '"');
    CHECK_EQ(position, json::at_end);
}

TEST_CASE("a window takes as much as fits, and counts it") {
    struct Row {
        const char* name;
        size_t room;
        const char* kept;
    };
    const Row rows[] = {
        {"less than there is", 2, "ab"},
        {"one byte less", 4, "abcd"},
        {"all of it", 5, "abcde"},
        {"more room", 6, "abcde"},
        {"no room", 0, ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(row.room);
        json::Window window = {memory.data(), row.room}, counting = {nullptr, row.room};
        const size_t count = window.put("abcde", 5);
        CHECK_EQ(std::string(memory.data(), count), row.kept);
        CHECK(window.at == memory.data() + count);
        CHECK_EQ(window.room, row.room - count);
        CHECK_EQ(counting.put("abcde", 5), count);
        CHECK_EQ(counting.room, row.room - count);
    }
}

TEST_CASE("integers") {
    struct Row {
        const char* name;
        int64_t value;
        const char* text;
    };
    const Row rows[] = {
        {"zero", 0, "0"},
        {"one", 1, "1"},
        {"minus one", -1, "-1"},
        {"ten", 10, "10"},
        {"a number of 32 bits", 4294967295, "4294967295"},
        {"one more", 4294967296, "4294967296"},
        {"the largest", INT64_MAX, "9223372036854775807"},
        {"the smallest", INT64_MIN, "-9223372036854775808"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        char digits[20];
        CHECK_EQ(json::format_integer(row.value, digits), row.text);
    }
}

TEST_CASE("how much of a text a string holds as it is") {
    struct Row {
        const char* name;
        std::string text;
        size_t room, count;
    };
    const Row rows[] = {
        {"letters", "abc", 9, 3},
        {"as many as there is room for", "abc", 2, 2},
        {"characters beyond ASCII", "a\xC3\xA9" "b", 9, 4},
        {"half of one has no room", "a\xC3\xA9" "b", 2, 1},
        {"nor one that comes first", "\xC3\xA9", 1, 0},
        {"up to a quote", "\xC3\xA9\"", 9, 2},
        {"up to an ill-formed byte", "\xC3\xA9\xFF", 9, 2},
        {"a line feed cannot stay", "\n", 9, 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes text(row.text);
        CHECK_EQ(json::count_verbatim(text.begin(), text.end(), row.room), row.count);
    }
}
