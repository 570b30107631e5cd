// The inside of JSON strings against tables, and against two decoders that know nothing of this one.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace json = openai_stream::json;
using json::Stop;
using openai_stream::StringView;

namespace {

const std::string fffd = "\xEF\xBF\xBD";
const std::string smile = "\xF0\x9F\x98\x80";  // U+1F600, \ud83d\ude00

// A string shown in pieces as a reader does it: what was cut is shown again with more after it, each time up to a page
// that cannot be touched; U+FFFD for bad_byte and for a half at the end. "!" when a rule was broken.
std::string decode(const corpus::Pieces& pieces, bool escapes) {
    std::string decoded, left;
    for (size_t index = 0; index <= pieces.size(); ++index) {
        const bool last = index == pieces.size();
        if (!last) left += pieces[index];
        support::GuardedBuffer memory(left.size());
        if (!left.empty()) std::memcpy(memory.data(), left.data(), left.size());
        const char* const end = memory.data() + left.size();
        json::Unescaper decoder(memory.data(), end, memory.data());
        decoder.last = last;
        decoder.escapes = escapes;
        while (true) {
            char* const before = decoder.out;
            const Stop stop = decoder.run();
            if (decoder.out < before || decoder.out > decoder.at || decoder.at > end) return "!";
            decoded.append(before, decoder.out);
            if (stop == Stop::bad_byte) {
                decoded += fffd;
                continue;
            }
            if (stop == Stop::high_half) {
                if (!last || decoder.at != end || !json::is_high_surrogate(decoder.half)) return "!";
                decoded += fffd;
            }
            if (stop == Stop::end && decoder.at != end) return "!";
            if (stop == Stop::cut && (last || decoder.at == end)) return "!";
            break;
        }
        // What is shown again is never more than an escape and half of another, or three bytes of a code point.
        left.assign(decoder.at, end);
        if (left.size() > 11) return "!";
    }
    return left.empty() ? decoded : "!";
}

// Each cut, and unescape_atom where it promises the same.
std::string decode_all_cuts(const std::string& text, bool escapes) {
    const std::string whole = decode({text}, escapes);
    std::string wrong;
    corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
        const std::string decoded = decode(pieces, escapes);
        if (wrong.empty() && decoded != whole) wrong = corpus::describe(pieces) + ": " + decoded;
    });
    CHECK_EQ(wrong, "");
    return whole;
}

std::string atom(const std::string& text) {
    support::GuardedBuffer memory(text.size());
    if (!text.empty()) std::memcpy(memory.data(), text.data(), text.size());
    const StringView decoded = json::unescape_atom(memory.data(), memory.data() + text.size());
    if (decoded.data() != memory.data()) return "!";
    return decoded;
}

bool is_utf8(const std::string& text) {
    try {
        static_cast<void>(nlohmann::json(text).dump());
        return true;
    } catch (const nlohmann::json::exception&) {
        return false;
    }
}

// Ill-formed bytes replaced by nlohmann/json, which cuts them as the Encoding Standard does.
std::string repaired(const std::string& text) {
    const std::string dumped = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return nlohmann::json::parse(dumped).get<std::string>();
}

}  // namespace

TEST_CASE("escapes") {
    struct Row {
        const char* name;
        std::string text, decoded;
        std::string as_atom;  // where it differs
    };
    const std::string nul(1, '\0');
    const Row rows[] = {
        {"nothing", "", "", ""},
        {"no escape", "abc", "abc", ""},
        {"the eight short ones", "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", ""},
        {"one at each end", "\\na\\n", "\na\n", ""},
        {"only one level is taken off", "\\\\n\\\\u0041", "\\n\\u0041", ""},
        {"a code unit of one byte", "\\u0041", "A", ""},
        {"NUL", "a\\u0000b", "a" + nul + "b", ""},
        {"the first of two bytes", "\\u0080", "\xC2\x80", ""},
        {"the last of one byte", "\\u007f", "\x7F", ""},
        {"the last of two bytes", "\\u07ff", "\xDF\xBF", ""},
        {"the first of three bytes", "\\u0800", "\xE0\xA0\x80", ""},
        {"the last before the surrogates", "\\uD7FF", "\xED\x9F\xBF", ""},
        {"the first after them", "\\ue000", "\xEE\x80\x80", ""},
        {"the last of three bytes", "\\uFfFf", "\xEF\xBF\xBF", ""},
        {"a pair", "\\ud83d\\ude00", smile, ""},
        {"the first pair", "\\ud800\\udc00", "\xF0\x90\x80\x80", ""},
        {"the last pair", "\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF", ""},
        {"a pair at the front", "\\ud83d\\ude00b", smile + "b", ""},
        {"a pair in the middle", "a\\ud83d\\ude00b", "a" + smile + "b", ""},
        {"two pairs", "\\ud83d\\ude00\\ud83d\\ude00", smile + smile, ""},
        {"a high half at the front", "\\ud83dabcdefg", fffd + "abcdefg", ""},
        {"a high half in the middle", "a\\ud83db", "a" + fffd + "b", ""},
        {"a high half at the end", "a\\ud83d", "a" + fffd, ""},
        {"a high half alone", "\\ud83d", fffd, ""},
        {"a high half and a short escape", "\\ud83d\\n", fffd + "\n", ""},
        {"a high half and a code unit that is no half", "\\ud83d\\u0041", fffd + "A", ""},
        {"a high half and the last before the surrogates", "\\ud83d\\ud7ff", fffd + "\xED\x9F\xBF", ""},
        {"a high half and the first after them", "\\ud83d\\ue000", fffd + "\xEE\x80\x80", ""},
        {"a high half and a backslash", "\\ud83d\\\\ude00", fffd + "\\ude00", ""},
        {"a high half and what looks like a low one", "\\ud83dude00", fffd + "ude00", ""},
        {"a high half and a low one that is no escape", "\\ud83d/ude00", fffd + "/ude00", ""},
        {"two high halves", "\\ud83d\\ud83d", fffd + fffd, ""},
        {"two high halves and a low one", "\\ud83d\\ud83d\\ude00", fffd + smile, ""},
        {"a low half at the front", "\\ude00b", fffd + "b", ""},
        {"a low half in the middle", "a\\ude00b", "a" + fffd + "b", ""},
        {"a low half at the end", "a\\ude00", "a" + fffd, ""},
        {"a low half and a high one", "\\ude00\\ud83d", fffd + fffd, ""},
        {"a low half and a pair", "\\ude00\\ud83d\\ude00", fffd + smile, ""},
        {"two low halves", "\\ude00\\udfff", fffd + fffd, ""},
        {"bytes as they are", "\xC3\xA9\xE4\xBD\xA0" + smile, "\xC3\xA9\xE4\xBD\xA0" + smile, ""},
        {"an escape between them", "\xC3\xA9\\n" + smile, "\xC3\xA9\n" + smile, ""},
        {"a high half before bytes of a code point", "\\ud83d" + smile, fffd + smile, ""},
        {"a byte that is never in UTF-8",
         "a\xFF"
         "b",
         "a" + fffd + "b", "a?b"},
        {"a continuation alone",
         "a\x80"
         "b",
         "a" + fffd + "b", "a?b"},
        {"two of them", "\x80\xBF", fffd + fffd, "??"},
        {"an overlong form of two bytes", "\xC0\xAF", fffd + fffd, "??"},
        {"of three", "\xE0\x80\xAF", fffd + fffd + fffd, "???"},
        {"of four", "\xF0\x80\x80\xAF", fffd + fffd + fffd + fffd, "????"},
        {"a surrogate half in UTF-8", "\xED\xA0\x80", fffd + fffd + fffd, "???"},
        {"above U+10FFFF", "\xF4\x90\x80\x80", fffd + fffd + fffd + fffd, "????"},
        {"a lead byte above all", "\xF5\x80\x80\x80", fffd + fffd + fffd + fffd, "????"},
        {"two bytes of three, then a letter",
         "\xE2\x82"
         "a",
         fffd + "a", "?a"},
        {"two bytes of three, then an escape", "\xE2\x82\\n", fffd + "\n", "?\n"},
        {"two bytes of three, then another code point", "\xE2\x82\xC3\xA9", fffd + "\xC3\xA9", "?\xC3\xA9"},
        {"two bytes of three at the end", "a\xE2\x82", "a" + fffd, "a?"},
        {"one byte of two at the end", "a\xC3", "a" + fffd, "a?"},
        {"three bytes of four at the end", "\xF0\x9F\x98", fffd, "?"},
        {"a bad byte and a half", "\xFF\\ud83d", fffd + fffd, "?" + fffd},
        {"a long text without escapes and one after it", std::string(100, 'x') + "\\n", std::string(100, 'x') + "\n",
         ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(decode_all_cuts(row.text, true), row.decoded);
        CHECK_EQ(atom(row.text), row.as_atom.empty() ? row.decoded : row.as_atom);
    }
}

TEST_CASE("a half at each place of a text") {
    struct Row {
        const char* name;
        std::string text, decoded;
    };
    const Row rows[] = {
        {"high", "\\ud83d", fffd},
        {"low", "\\ude00", fffd},
        {"a pair", "\\ud83d\\ude00", smile},
    };
    const std::string around = "ab\xC3\xA9"
                               "c";
    for (const Row& row : rows) {
        ROW(row.name);
        for (size_t place = 0; place <= around.size(); ++place) {
            if (place == 3) continue;  // within a code point
            const std::string front = around.substr(0, place), back = around.substr(place);
            CHECK_EQ(decode_all_cuts(front + row.text + back, true), front + row.decoded + back);
        }
    }
}

TEST_CASE("raw JSON text: escapes stay, only UTF-8 is looked at") {
    struct Row {
        const char* name;
        std::string text, decoded;
    };
    const Row rows[] = {
        {"escapes", "{\"a\":\"\\n\\ud83d\\u0041\\\\\"}", "{\"a\":\"\\n\\ud83d\\u0041\\\\\"}"},
        {"a backslash at the end", "\\", "\\"},
        {"a bad byte after one", "\\\xFF", "\\" + fffd},
        {"bytes above ASCII", "\xC3\xA9" + smile, "\xC3\xA9" + smile},
        {"a bad byte", "{\"a\":\"\xFFz\"}", "{\"a\":\"" + fffd + "z\"}"},
        {"an unfinished code point", "\"\xE2\x82", "\"" + fffd},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(decode_all_cuts(row.text, false), row.decoded);
    }
}

TEST_CASE("where a string that goes on is cut, nothing is lost and nothing is guessed") {
    struct Row {
        const char* name;
        std::string text;
        size_t read;  // of these bytes
    };
    const Row rows[] = {
        {"a backslash", "ab\\", 2},
        {"an escape without its digits", "ab\\u", 2},
        {"with three of them", "ab\\ud83", 2},
        {"a high half at the end", "ab\\ud83d", 2},
        {"a high half and a backslash", "ab\\ud83d\\", 2},
        {"a high half and most of a low one", "ab\\ud83d\\ude0", 2},
        {"one byte of two", "ab\xC3", 2},
        {"two of three", "ab\xE2\x82", 2},
        {"three of four", "ab\xF0\x9F\x98", 2},
        {"a whole escape", "ab\\u0041", 8},
        {"a low half", "ab\\ude00", 8},
        {"a pair", "ab\\ud83d\\ude00", 14},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(row.text.size());
        std::memcpy(memory.data(), row.text.data(), row.text.size());
        json::Unescaper decoder(memory.data(), memory.data() + row.text.size(), memory.data());
        decoder.last = false;
        const Stop stop = decoder.run();
        CHECK(stop == (row.read == row.text.size() ? Stop::end : Stop::cut));
        CHECK_EQ(static_cast<size_t>(decoder.at - memory.data()), row.read);
    }
}

TEST_CASE("random strings, as nlohmann/json decodes them") {
    corpus::Random random("random strings");
    const char* const plain[] = {"a",    "bc", " ", "def", "0", "u00", "\xC3\xA9", "\xE4\xBD\xA0", "\xF0\x9F\x98\x80",
                                 "ude00"};
    const char* const escapes[] = {"\\\"", "\\\\",           "\\/",           "\\b", "\\f", "\\n", "\\r",
                                   "\\t",  "\\ud83d\\ude00", "\\uDBFF\\uDFFF"};
    size_t wrong = 0, count = 0;
    for (; count != 20000; ++count) {
        std::string text;
        for (size_t parts = random.between(0, 12); parts != 0; --parts) {
            const size_t kind = random.between(0, 2);
            if (kind == 0) {
                text += plain[random.between(0, 9)];
            } else if (kind == 1) {
                text += escapes[random.between(0, 9)];
            } else {
                char unit[8];
                size_t value = random.between(0, 0xFFFF);
                if (value >= 0xD800 && value <= 0xDFFF) value -= 0x1000;
                std::snprintf(unit, sizeof unit, random.between(0, 1) == 0 ? "\\u%04x" : "\\u%04X",
                              static_cast<unsigned>(value));
                text += unit;
            }
        }
        const std::string wanted = nlohmann::json::parse("\"" + text + "\"").get<std::string>();
        const std::string_view all = text;
        const size_t first = random.between(0, text.size()), second = random.between(first, text.size());
        const corpus::Pieces pieces = {all.substr(0, first), all.substr(first, second - first), all.substr(second)};
        if (decode({text}, true) != wanted || decode(pieces, true) != wanted || atom(text) != wanted) {
            if (++wrong < 5) MESSAGE(corpus::describe(pieces) << ": " << text);
        }
    }
    CHECK_EQ(count, 20000);
    CHECK_EQ(wrong, 0);
}

TEST_CASE("random bytes become valid UTF-8, as nlohmann/json repairs them") {
    corpus::Random random("random bytes");
    const unsigned char bytes[] = {'a',  'b',  0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xC3,
                                   0xDF, 0xE0, 0xE1, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF, 0x98, 0x82};
    size_t wrong = 0, invalid = 0;
    for (size_t count = 0; count != 20000; ++count) {
        std::string text;
        for (size_t size = random.between(0, 9); size != 0; --size)
            text += static_cast<char>(bytes[random.between(0, sizeof bytes - 1)]);
        if (!is_utf8(text)) ++invalid;
        const std::string wanted = repaired(text);
        const std::string_view all = text;
        const size_t first = random.between(0, text.size());
        const std::string decoded = decode({text}, true);
        if (decoded != wanted || decode({all.substr(0, first), all.substr(first)}, true) != wanted ||
            !is_utf8(decoded) || !is_utf8(atom(text)) || decode({text}, false) != wanted)
            ++wrong;
    }
    CHECK_EQ(wrong, 0);
    CHECK(invalid > 10000);
}

TEST_CASE("what comes after the first half of a pair is its second half only as an escape of u") {
    struct Row {
        const char* name;
        std::string text, expected;
    };
    const Row rows[] = {
        {"a line feed and four letters that would be a half", "\\ud83d\\nde00", "\xEF\xBF\xBD\nde00"},
        {"a backslash and the same", "\\ud83d\\\\de00", "\xEF\xBF\xBD\\de00"},
        {"no escape", "\\ud83dude00x", "\xEF\xBF\xBDude00x"},
        {"the second half", "\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string text = row.text;
        const openai_stream::StringView out =
            openai_stream::json::unescape_atom(&text[0], &text[0] + text.size());
        CHECK_EQ(std::string(out), row.expected);
    }
}

TEST_CASE("an ill-formed byte is one also where the string goes on; what may become a code point is waited for") {
    struct Row {
        const char* name;
        std::string text;
        json::Stop stop;
        size_t read;
    };
    const Row rows[] = {
        {"a byte that never occurs", "a\xFFz", json::Stop::bad_byte, 2},
        {"the same at the end", "a\xFF", json::Stop::bad_byte, 2},
        {"two of three bytes, then a letter", "a\xE2\x82z", json::Stop::bad_byte, 3},
        {"two of three bytes", "a\xE2\x82", json::Stop::cut, 1},
        {"all three", "a\xE2\x82\xAC", json::Stop::end, 4},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string text = row.text;
        json::Unescaper decoder(text.data(), text.data() + text.size(), &text[0]);
        decoder.last = false;
        CHECK(decoder.run() == row.stop);
        CHECK_EQ(static_cast<size_t>(decoder.at - text.data()), row.read);
    }
}
