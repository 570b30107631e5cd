// Text cut anywhere becomes text cut between characters; and leaves so many characters at a time.
#include "characters.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

#include <set>

using namespace openai_stream;

namespace {

const std::string family = characters::all[16].bytes, wales = characters::all[17].bytes, flag = characters::all[15].bytes;

// The pieces, each with '|' after it; after each feed '/'.
std::string told(const corpus::Pieces& pieces, size_t memory_size, TextUnit unit) {
    support::GuardedBuffer memory(memory_size);
    Utf8Hold hold(Buffer(memory.data(), memory_size), unit);
    std::string log;
    StringView piece;
    for (const std::string_view part : pieces) {
        support::GuardedBuffer copy(part.size());
        std::memcpy(copy.data(), part.data(), part.size());
        hold.feed(StringView(copy.data(), part.size()));
        while (hold.next(piece)) log += std::string(piece) + "|";
        log += "/";
    }
    hold.finish();
    while (hold.next(piece)) log += std::string(piece) + "|";
    return log;
}

}  // namespace

TEST_CASE("what waits, and for how long") {
    struct Row {
        const char* name;
        corpus::Pieces pieces;
        std::string expected;
        TextUnit unit = TextUnit::character;
    };
    const Row rows[] = {
        {"the last character waits", {"abc", "d"}, "ab|/c|/d|"},
        {"an accent belongs to it", {"re", "\xCC\x81", "sume"}, "r|//e\xCC\x81|sum|/e|"},
        {"half a code point", {"a\xE2\x82", "\xAC!"}, "/a|\xE2\x82\xAC|/!|"},
        {"half a code point, and nothing else is looked at", {"a\xE2\x82", "\xAC!"}, "a|/\xE2\x82\xAC|!|/",
         TextUnit::code_point},
        {"an accent is a code point", {"e", "\xCC\x81", "s"}, "e|/\xCC\x81|/s|/", TextUnit::code_point},
        {"half a flag", {"\xF0\x9F\x87\xAB", "\xF0\x9F\x87\xB7", "\xF0\x9F\x87\xAB"},
         "//" + flag + "|/\xF0\x9F\x87\xAB|"},
        {"a joiner waits for more", {"\xF0\x9F\x91\xA8\xE2\x80\x8D", "\xF0\x9F\x91\xA9", "."},
         "//\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9|/.|"},
        {"CR LF is one", {"a\r", "\nb"}, "a|/\r\n|/b|"},
        {"no accent on a line end", {"\n", "\xCC\x81", "a"}, "/\n|/\xCC\x81|/a|"},
        {"bytes that are no UTF-8 pass", {"a\xFF", "\xE2", "b\xC3"}, "a|//\xFF|\xE2|/b|\xC3|"},
        {"a variation of a keycap", {"1\xEF\xB8\x8F", "\xE2\x83\xA3", "2"}, "//1\xEF\xB8\x8F\xE2\x83\xA3|/2|"},
        {"a conjunct", {"\xE0\xA4\x95\xE0\xA5\x8D", "\xE0\xA4\xB7", "."},
         "//\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7|/.|"},
        {"the lightest skin, and the darkest",
         {"\xF0\x9F\x91\x8B", "\xF0\x9F\x8F\xBB", "\xF0\x9F\x91\x8B", "\xF0\x9F\x8F\xBF", "."},
         "//\xF0\x9F\x91\x8B\xF0\x9F\x8F\xBB|//\xF0\x9F\x91\x8B\xF0\x9F\x8F\xBF|/.|"},
        {"a letter with the lower bits of a virama joins nothing", {"M", "x"}, "/M|/x|"},
        {"a flag after a joiner is not cut", {"a\xE2\x80\x8D", "\xF0\x9F\x87\xAB", "\xF0\x9F\x87\xB7", flag},
         "///a\xE2\x80\x8D" + flag + "|/" + flag + "|"},
        {"no accent on a control byte of ASCII", {"\x7F", "\xCC\x81", "a"}, "/\x7F|/\xCC\x81|/a|"},
        {"nor on one above ASCII", {"\xC2\x9F", "\xCC\x81", "a"}, "/\xC2\x9F|/\xCC\x81|/a|"},
        {"but on a blank above ASCII", {"\xC2\xA0", "\xCC\x81", "a"}, "//\xC2\xA0\xCC\x81|/a|"},
        {"code points after the last variation", {"a\xF3\xA0\x87\xB0", "a"}, "a|/\xF3\xA0\x87\xB0|/a|"},
        {"the last variation", {"a", "\xF3\xA0\x87\xAF", "b"}, "//a\xF3\xA0\x87\xAF|/b|"},
        {"marks that the table has not got are characters", {"\xDD\x90", "\xDC\xB0"}, "/\xDD\x90|/\xDC\xB0|"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string text, expected;
        for (const std::string_view piece : row.pieces) text += piece;
        std::string log = told(row.pieces, 32, row.unit);
        // What was delivered together may come in several pieces.
        for (std::string* one : {&log, &(expected = row.expected)})
            for (size_t at; (at = one->find('|')) != std::string::npos;) one->erase(at, 1);
        CHECK_EQ(log, expected);
    }
}

TEST_CASE("what is whole is not copied") {
    ROW("an accent in the next piece");
    CHECK_EQ(told({"a", "bcdef", "\xCC\x81gh"}, 32, TextUnit::character), "/a|bcde|/f\xCC\x81|g|/h|");
}

TEST_CASE("what is not fetched is passed over, but for what waits") {
    ROW("two feeds");
    char memory[32];
    Utf8Hold hold(memory);
    hold.feed("abc");
    hold.feed("\xCC\x81" "d");
    std::string log;
    StringView piece;
    while (hold.next(piece)) log += std::string(piece) + "|";
    CHECK_EQ(log, "c\xCC\x81|");
}

TEST_CASE("without memory for a code point nothing is delivered") {
    ROW("three bytes");
    CHECK_EQ(told({"abc"}, 3, TextUnit::character), "/");
}

TEST_CASE("a character larger than the memory is cut between code points") {
    for (const size_t size : {4u, 7u, 8u, 25u}) {
        ROW(std::to_string(size) + " bytes");
        const std::string text = "a" + family + family + wales + "b" + std::string(2, '\xFF');
        corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            const std::string log = told(pieces, size, TextUnit::character);
            std::string all, piece;
            for (const char c : log) {
                if (c == '|') {
                    CHECK_FALSE(piece.empty());
                    CHECK_NE(static_cast<unsigned char>(piece[0]) & 0xC0, 0x80);
                    piece.clear();
                } else if (c != '/') {
                    piece += c;
                    all += c;
                }
            }
            CHECK_EQ(all, text);
        });
    }
}

TEST_CASE("200 generated texts, in every cut, are cut between characters") {
    for (unsigned number = 0; number != 200; ++number) {
        ROW("text " + std::to_string(number));
        corpus::Random random("hold " + std::to_string(number));
        const std::vector<std::string> list = characters::made(random, 8);
        const std::string text = characters::joined(list);
        std::set<size_t> borders;
        size_t size = 0;
        for (const std::string& one : list) borders.insert(size += one.size());
        std::string wrong;
        corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
            size_t at = 0, fed = 0, part = 0;
            std::string all;
            for (const char c : told(pieces, 32, TextUnit::character)) {
                if (c == '|' && borders.count(at) == 0) wrong = corpus::describe(pieces) + ": cut at " + std::to_string(at);
                if (c == '/') {  // nothing waits but the last character
                    fed += pieces[part++].size();
                    // A border is known when the code point after it is there as a whole.
                    size_t due = 0;
                    for (const size_t border : borders)
                        if (border < fed && utf8::sequence_at(text.data() + border, text.data() + fed).incomplete == 0)
                            due = border;
                    if (at < due) wrong = corpus::describe(pieces) + ": late at " + std::to_string(at);
                }
                if (c == '|' || c == '/') continue;
                all += c;
                ++at;
            }
            if (all != text) wrong = corpus::describe(pieces) + ": " + all;
        });
        CHECK_MESSAGE(wrong.empty(), wrong << " of " << text);
    }
}

namespace {

// Written as fast as it is accepted, taken so many at a time: the characters as they leave, '|' between the calls.
std::string typed(const corpus::Pieces& pieces, size_t memory_size, size_t count, TextUnit unit) {
    support::GuardedBuffer memory(memory_size);
    Typewriter typewriter(Buffer(memory.data(), memory_size), unit);
    std::string log;
    for (std::string_view part : pieces) {
        while (!part.empty()) {
            part.remove_prefix(typewriter.add(part));
            if (part.empty()) break;
            const StringView taken = typewriter.take(count);
            if (taken.empty()) return log + "nothing is taken and nothing accepted";
            log += std::string(taken) + "|";
        }
    }
    typewriter.finish();
    while (!typewriter.is_done()) log += std::string(typewriter.take(count)) + "|";
    return typewriter.pending() == 0 && typewriter.take(1).empty() ? log : "something is left";
}

}  // namespace

TEST_CASE("so many characters per call") {
    struct Row {
        const char* name;
        std::string text;
        size_t count;
        TextUnit unit;
        std::string expected;
    };
    const TextUnit character = TextUnit::character, code_point = TextUnit::code_point;
    const Row rows[] = {
        {"one", "abc", 1, character, "a|b|c|"},
        {"two", "abc", 2, character, "ab|c|"},
        {"emoji count as one", family + "b" + flag, 1, character, family + "|b|" + flag + "|"},
        {"code points", "e\xCC\x81" + flag, 2, code_point, "e\xCC\x81|" + flag + "|"},
        {"half a code point at the end", "a\xE2\x82", 1, character, "a|\xE2\x82|"},
        {"no text", "", 3, character, ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(typed(pieces, 64, row.count, row.unit), row.expected);
        });
    }
}

TEST_CASE("the last character waits, and what does not fit is not accepted") {
    ROW("eight bytes");
    char memory[8];
    Typewriter typewriter(memory);
    CHECK_EQ(typewriter.add("ab"), 2);
    CHECK_EQ(std::string(typewriter.take(5)), "a");
    CHECK_EQ(std::string(typewriter.take(5)), "");
    CHECK_EQ(typewriter.add("c"), 1);
    CHECK_EQ(std::string(typewriter.take(5)), "b");
    CHECK_EQ(typewriter.add("0123456789"), 7);
    CHECK_EQ(typewriter.add("789"), 0);
    CHECK_EQ(typewriter.pending(), 8);
    CHECK_EQ(std::string(typewriter.take(2)), "c0");
    CHECK_EQ(typewriter.add("789"), 2);
    CHECK_FALSE(typewriter.is_done());
    Typewriter none(Buffer(memory, 3));
    CHECK_EQ(none.add("a"), 0);
    CHECK(none.take(1).empty());
}

TEST_CASE("200 generated texts, in every cut, are typed as their characters") {
    for (unsigned number = 0; number != 200; ++number) {
        ROW("text " + std::to_string(number));
        corpus::Random random("type " + std::to_string(number));
        const std::vector<std::string> list = characters::made(random, 8);
        const size_t count = random.between(1, 3), memory = random.between(128, 300);
        std::string expected;
        for (size_t index = 0; index != list.size(); ++index)
            expected += list[index] + ((index + 1) % count == 0 || index + 1 == list.size() ? "|" : "");
        std::string wrong, all = characters::joined(list);
        corpus::for_each_cut(all, false, [&](const corpus::Pieces& pieces) {
            std::string log = typed(pieces, memory, count, TextUnit::character);
            if (log != expected) wrong = corpus::describe(pieces) + ": " + log;
            // With memory for less than a character, at least every byte comes.
            log = typed(pieces, 4 + number % 9, count, TextUnit::character);
            log.erase(std::remove(log.begin(), log.end(), '|'), log.end());
            if (log != all) wrong = corpus::describe(pieces) + ": " + log;
        });
        CHECK_MESSAGE(wrong.empty(), wrong << "\nexpected: " << expected);
    }
}

TEST_CASE("no heap") {
    if (!support::HeapTrap::works()) return tally::skip("the heap cannot be trapped here");
    ROW("Utf8Hold and Typewriter");
    size_t bytes = 0;
    {
        support::HeapTrap trap;
        char memory[32], more[64];
        Utf8Hold hold(memory);
        Typewriter typewriter(more);
        StringView piece;
        for (const char* text : {"\xF0\x9F", "\x87\xAB\xF0\x9F\x87\xB7 e", "\xCC\x81"}) {
            hold.feed(text);
            while (hold.next(piece)) bytes += typewriter.add(piece);
        }
        bytes += typewriter.take(2).size();
    }
    CHECK_EQ(bytes, 9 + 8);
}
