// Texts on their way to the user: whatever was cut in two is joined, whatever never comes is U+FFFD, and what leaves is
// UTF-8 in pieces that say whether more follows.
#include "io/conformance_support.hpp"
#include "support/guard_page.hpp"

#include <map>

namespace dialect = openai_stream::dialect;
using namespace conformance;
using dialect::TextOwner;
using dialect::TextDecoder;
using openai_stream::Quirk;
using openai_stream::Quirks;

namespace {

const std::string fffd = "\xEF\xBF\xBD";
const std::string smile = "\xF0\x9F\x98\x80";  // \ud83d\ude00

const TextOwner owners[] = {
    {EventKind::text, 0, -1},          {EventKind::text, 1, -1},          {EventKind::reasoning, 0, -1},
    {EventKind::tool_arguments, 0, 0}, {EventKind::tool_arguments, 0, 1}, {EventKind::tool_arguments, 1, 0},
};
constexpr size_t owner_count = sizeof owners / sizeof owners[0];

// What has come out for each owner, and which rules were broken on the way.
class Out {
public:
    std::string texts[owner_count];
    std::string broken;
    TextDecoder pieces;
    Quirks quirks;

    // One string, shown in parts as they arrive; what was not read moves each time.
    void read(size_t owner, const corpus::Pieces& parts, bool escapes) {
        size_t total = 0;
        for (const std::string_view part : parts) total += part.size();
        support::GuardedBuffer memories[] = {support::GuardedBuffer(total), support::GuardedBuffer(total)};
        unsigned which = 0;
        char* end = memories[0].data();
        pieces.begin(owners[owner], end, escapes);
        bool said_more = true, was_any = false;
        for (size_t index = 0; index <= parts.size(); ++index) {
            const bool complete = index == parts.size();
            support::GuardedBuffer& memory = memories[which ^= 1];
            const auto left = static_cast<size_t>(end - pieces.unread());
            const size_t more_size = complete ? 0 : parts[index].size();
            char* const begin = memory.data() + memory.size() - left - more_size;
            std::memmove(begin, pieces.unread(), left);
            pieces.rebase(begin);
            std::memcpy(begin + left, complete ? "" : parts[index].data(), more_size);
            end = begin + left + more_size;
            std::memset(memories[which ^ 1].data(), '#', total);
            // The end of a string is seen with its last byte, or by itself.
            const bool is_end = complete || (index + 1 == parts.size() && total % 2 == 0);
            pieces.extend(end, is_end);
            while (pieces.next(quirks)) {
                const StringView piece = pieces.piece();
                const bool more = pieces.is_open();
                if (piece.data() == nullptr) broken = "a piece without data";
                if (was_any && piece.empty() && more) broken = "an empty piece in the middle";
                if (!said_more) broken = "a piece after the last one";
                if (!is_utf8(piece)) broken = "a piece that is not UTF-8";
                if (!(pieces.owner() == owners[owner])) broken = "another owner";
                texts[owner] += std::string(piece);
                said_more = more;
                was_any = true;
            }
            if (is_end) break;
            if (!pieces.is_open() && !said_more) broken = "closed before its end";
        }
        if (pieces.is_open()) broken = "open after its end";
        if (was_any && said_more) broken = "more was said, and nothing came";
    }

    void release(int32_t choice) {
        while (pieces.release(choice, quirks)) {
            if (choice >= 0 && pieces.owner().choice != choice) broken = "a half of another choice";
            if (!pieces.next(quirks) || pieces.is_open()) broken = "not one piece";
            for (size_t index = 0; index != owner_count; ++index)
                if (owners[index] == pieces.owner()) texts[index] += std::string(pieces.piece());
        }
    }
};

}  // namespace

TEST_CASE("halves that meet, and halves that do not") {
    struct String {
        size_t owner;  // of owners; owner_count: release(0)
        const char* text;
        bool is_raw;
    };
    struct Row {
        const char* name;
        std::vector<String> strings;
        std::string texts[3];  // of the first owners
        unsigned lone;         // Quirk::lone_surrogate
        unsigned bad;          // Quirk::bad_utf8
    };
    const size_t finish = owner_count;
    const Row rows[] = {
        {"nothing to join", {{0, "ab", false}, {0, "c", false}}, {"abc", "", ""}, 0, 0},
        {"a pair in one string", {{0, "a\\ud83d\\ude00b", false}}, {"a" + smile + "b", "", ""}, 0, 0},
        {"a pair in two strings", {{0, "a\\ud83d", false}, {0, "\\ude00b", false}}, {"a" + smile + "b", "", ""}, 0, 0},
        {"nothing but halves", {{0, "\\ud83d", false}, {0, "\\ude00", false}}, {smile, "", ""}, 0, 0},
        {"two pairs in three strings",
         {{0, "\\ud83d", false}, {0, "\\ude00\\ud83d", false}, {0, "\\ude00", false}},
         {smile + smile, "", ""},
         0,
         0},
        {"an empty string between them",
         {{0, "a\\ud83d", false}, {0, "", false}, {0, "\\ude00b", false}},
         {"a" + smile + "b", "", ""},
         0,
         0},
        {"another choice between them",
         {{0, "\\ud83d", false}, {1, "x", false}, {0, "\\ude00", false}},
         {smile, "x", ""},
         0,
         0},
        {"another kind between them",
         {{0, "\\ud83d", false}, {2, "x", false}, {0, "\\ude00", false}},
         {smile, "", "x"},
         0,
         0},
        {"two that cross",
         {{0, "\\ud83d", false}, {1, "\\ud83c", false}, {0, "\\ude00", false}, {1, "\\udf89", false}},
         {smile, "\xF0\x9F\x8E\x89", ""},
         0,
         0},
        {"a half and the half of another choice",
         {{0, "\\ud83d", false}, {1, "\\ude00", false}},
         {fffd, fffd, ""},
         2,
         0},
        {"a half and a letter", {{0, "a\\ud83d", false}, {0, "b", false}}, {"a" + fffd + "b", "", ""}, 1, 0},
        {"a half and a short escape", {{0, "a\\ud83d", false}, {0, "\\n", false}}, {"a" + fffd + "\n", "", ""}, 1, 0},
        {"a half and a code unit", {{0, "a\\ud83d", false}, {0, "\\u0041", false}}, {"a" + fffd + "A", "", ""}, 1, 0},
        {"a half and another high one",
         {{0, "\\ud83d", false}, {0, "\\ud83d", false}, {0, "\\ude00", false}},
         {fffd + smile, "", ""},
         1,
         0},
        {"a half and a byte above ASCII",
         {{0, "\\ud83d", false}, {0, "\xC3\xA9", false}},
         {fffd + "\xC3\xA9", "", ""},
         1,
         0},
        {"a half and a bad byte", {{0, "\\ud83d", false}, {0, "\xFF", false}}, {fffd + fffd, "", ""}, 1, 1},
        {"a half at the end", {{0, "a\\ud83d", false}}, {"a" + fffd, "", ""}, 1, 0},
        {"a low half first", {{0, "\\ude00", false}}, {fffd, "", ""}, 1, 0},
        {"low and high in one string, then low",
         {{0, "\\ude00\\ud83d", false}, {0, "\\ude00", false}},
         {fffd + smile, "", ""},
         1,
         0},
        {"a choice ends before its other half",
         {{0, "\\ud83d", false}, {finish, "", false}, {0, "\\ude00", false}},
         {fffd + fffd, "", ""},
         2,
         0},
        {"and another choice is not touched",
         {{1, "\\ud83d", false}, {finish, "", false}, {1, "\\ude00", false}},
         {"", smile, ""},
         0,
         0},
        {"a half and raw text", {{0, "\\ud83d", false}, {0, "\\ude00", true}}, {fffd + "\\ude00", "", ""}, 1, 0},
        {"raw text ends in what looks like a half",
         {{0, "\\ud83d", true}, {0, "\\ude00", false}},
         {"\\ud83d" + fffd, "", ""},
         1,
         0},
        {"bad bytes",
         {{0,
           "a\xFF\xFE"
           "b\xC3",
           false},
          {0, "\xA9", false}},
         {"a" + fffd + fffd + "b" + fffd + fffd, "", ""},
         0,
         4},
        {"bad bytes in raw text", {{0, "{\"a\":\"\xFF\"}", true}}, {"{\"a\":\"" + fffd + "\"}", "", ""}, 0, 1},
        {"an empty string", {{0, "", false}}, {"", "", ""}, 0, 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        // Each string in each cut, the others whole, and all of them byte by byte.
        std::string wrong;
        for (size_t cut = 0; cut <= row.strings.size(); ++cut) {
            const std::string all = cut == row.strings.size() ? std::string() : row.strings[cut].text;
            const auto run = [&](const corpus::Pieces* in_pieces) {
                Out out;
                for (size_t index = 0; index != row.strings.size(); ++index) {
                    const String& string = row.strings[index];
                    if (string.owner == finish)
                        out.release(0);
                    else if (index == cut && in_pieces)
                        out.read(string.owner, *in_pieces, !string.is_raw);
                    else if (in_pieces)
                        out.read(string.owner, {string.text}, !string.is_raw);
                    else
                        out.read(string.owner, in_steps(string.text, 1), !string.is_raw);
                }
                out.release(-1);
                std::string what = out.broken;
                for (size_t owner = 0; owner != 3; ++owner)
                    if (what.empty() && out.texts[owner] != row.texts[owner]) what = out.texts[owner];
                if (what.empty() && out.quirks.count(Quirk::bad_utf8) != row.bad) what = "bad_utf8";
                if (what.empty() && (out.quirks.count(Quirk::lone_surrogate) != 0) != (row.lone != 0))
                    what = "lone_surrogate";
                if (wrong.empty() && !what.empty())
                    wrong = (in_pieces ? corpus::describe(*in_pieces) : "bytes") + ": " + what;
            };
            if (cut == row.strings.size())
                run(nullptr);
            else
                corpus::for_each_cut(all, false, [&](const corpus::Pieces& in_pieces) { run(&in_pieces); });
        }
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("four halves are held back at a time") {
    Out out;
    for (size_t owner = 0; owner != 5; ++owner) out.read(owner, {"a\\ud83d"}, true);
    for (size_t owner = 0; owner != 5; ++owner) out.read(owner, {"\\ude00"}, true);
    out.release(-1);
    CHECK_EQ(out.broken, "");
    for (size_t owner = 0; owner != 4; ++owner) CHECK_EQ(out.texts[owner], "a" + smile);
    CHECK_EQ(out.texts[4], "a" + fffd + fffd);
    CHECK(out.quirks.count(Quirk::lone_surrogate) >= 1);
}

TEST_CASE("the pieces of one string") {
    struct Row {
        const char* name;
        corpus::Pieces parts;  // the last one with the end of the string
        const char* pieces;    // '+' after one after which more comes, '.' after the last
    };
    const Row rows[] = {
        {"whole", {"abc"}, "abc."},
        {"empty", {""}, "."},
        {"in two", {"ab", "c"}, "ab+c."},
        {"the end alone", {"abc", ""}, "abc+."},
        {"cut in an escape", {"ab\\", "nc"}, "ab+\nc."},
        {"nothing but the beginning of an escape", {"\\u00", "41"}, "A."},
        {"cut in a code point",
         {"a\xC3", "\xA9"
                   "b"},
         "a+\xC3\xA9"
         "b."},
        {"a bad byte",
         {"a\xFF"
          "b"},
         "a+\xEF\xBF\xBD+b."},
        {"a bad byte at the end", {"a\xFF"}, "a+\xEF\xBF\xBD."},
        {"a bad byte alone", {"\xFF"}, "\xEF\xBF\xBD."},
        {"a code point that is never finished", {"a\xE2\x82", ""}, "a+\xEF\xBF\xBD."},
        {"ends in a half", {"a\\ud83d"}, "a."},
        {"the half alone in the last part", {"a", "\\ud83d"}, "a+."},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string memory, log;
        size_t shown = 0;
        for (const std::string_view part : row.parts) memory += part;
        memory += '"';
        TextDecoder pieces;
        Quirks quirks;
        pieces.begin(owners[0], &memory[0], true);
        for (size_t index = 0; index != row.parts.size(); ++index) {
            shown += row.parts[index].size();
            pieces.extend(&memory[0] + shown, index + 1 == row.parts.size());
            while (pieces.next(quirks)) log += std::string(pieces.piece()) + (pieces.is_open() ? "+" : ".");
        }
        CHECK_EQ(log, row.pieces);
        CHECK_FALSE(pieces.is_open());
    }
}

TEST_CASE("a half waits for the first byte of the next string, not only for the string") {
    char memory[] = "\\ud83d\\ude00x";
    TextDecoder pieces;
    Quirks quirks;
    pieces.begin(owners[0], memory, true);
    pieces.extend(memory + 6, true);
    CHECK_FALSE(pieces.next(quirks));
    pieces.begin(owners[0], memory + 6, true);
    CHECK_FALSE(pieces.next(quirks));  // nothing of it is there
    pieces.extend(memory + 13, true);
    REQUIRE(pieces.next(quirks));
    CHECK_EQ(std::string(pieces.piece()), smile + "x");
    CHECK_FALSE(quirks.has(Quirk::lone_surrogate));
}

// The model knows the tokens of which the strings are made, not their bytes.
TEST_CASE("random strings of many owners") {
    enum Kind { plain, escape, unit, high, low, bytes, bad, beginning, kind_count };
    corpus::Random random("random strings of many owners");
    size_t wrong = 0;
    for (size_t count = 0; count != 20000; ++count) {
        Out out;
        std::map<size_t, std::string> wanted;
        std::map<size_t, bool> held;
        std::string log;
        for (size_t strings = random.between(1, 8); strings != 0; --strings) {
            const size_t owner = random.between(0, 3);  // never more than can be held back
            std::string text;
            bool is_high = held[owner];
            for (size_t tokens = random.between(0, 4); tokens != 0; --tokens) {
                const auto kind = static_cast<Kind>(random.between(0, kind_count - 1));
                std::string& said = wanted[owner];
                if (kind == low && is_high) {
                    said += smile;
                    text += "\\ude00";
                    is_high = false;
                    continue;
                }
                if (is_high) said += fffd;
                is_high = kind == high;
                switch (kind) {
                    case plain: text += "ab", said += "ab"; break;
                    case escape: text += "\\n", said += "\n"; break;
                    case unit: text += "\\u00e9", said += "\xC3\xA9"; break;
                    case high: text += "\\ud83d"; break;
                    case low: text += "\\ude00", said += fffd; break;
                    case bytes: text += smile, said += smile; break;
                    case bad: text += "\xFF", said += fffd; break;
                    case beginning: text += "\xE2\x82", said += fffd; break;
                    case kind_count: break;
                }
            }
            held[owner] = is_high;
            const std::string_view all = text;
            const size_t first = random.between(0, all.size()), second = random.between(first, all.size());
            out.read(owner, {all.substr(0, first), all.substr(first, second - first), all.substr(second)}, true);
            log += std::to_string(owner) + ": " + text.substr(0, first) + "|" + text.substr(first, second - first) +
                   "|" + text.substr(second) + "\n";
            if (random.between(0, 9) == 0) {
                out.release(0);
                for (const size_t other : {size_t{0}, size_t{2}, size_t{3}}) {
                    if (held[other]) wanted[other] += fffd;
                    held[other] = false;
                }
                log += "choice 0 ends\n";
            }
        }
        out.release(-1);
        for (size_t owner = 0; owner != owner_count; ++owner)
            if (held[owner]) wanted[owner] += fffd;
        bool same = out.broken.empty();
        for (size_t owner = 0; owner != owner_count; ++owner) same = same && out.texts[owner] == wanted[owner];
        if (!same && ++wrong < 3) MESSAGE(out.broken << "\n" << log);
    }
    CHECK_EQ(wrong, 0);
}
