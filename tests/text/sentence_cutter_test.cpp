// Sentences and words while they arrive.
#include "characters.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

using namespace openai_stream;
using Unit = SentenceCutter::Unit;

namespace {

// Each piece with '|' after it, with '+' if it goes on.
std::string told(const corpus::Pieces& pieces, Unit unit, size_t memory_size = 128) {
    support::GuardedBuffer memory(memory_size);
    SentenceCutter cutter(Buffer(memory.data(), memory_size), unit);
    std::string log;
    const auto take = [&] {
        SentencePiece piece;
        while (cutter.next(piece)) log += std::string(piece.text) + (piece.more ? "+" : "|");
    };
    for (const std::string_view part : pieces) {
        support::GuardedBuffer copy(part.size());
        std::memcpy(copy.data(), part.data(), part.size());
        cutter.feed(StringView(copy.data(), part.size()));
        take();
    }
    cutter.finish();
    take();
    return log;
}

const std::string sun = "\xE6\x97\xA5", stop = "\xE3\x80\x82", quote = "\xE3\x80\x8C", end_quote = "\xE3\x80\x8D";
const std::string ellipsis = "\xE2\x80\xA6", right_quote = "\xE2\x80\x9D";

}  // namespace

TEST_CASE("where sentences and words end") {
    struct Row {
        const char* name;
        std::string text, expected;
        Unit unit = Unit::sentence;
    };
    const std::string family = characters::all[16].bytes, flag = characters::all[15].bytes;
    const Row rows[] = {
        {"a stop and white space", "Hi there. You?  Yes!", "Hi there. |You?  |Yes!|"},
        {"several stops", "What?! Oh...  No" + ellipsis + " Yes", "What?! |Oh...  |No" + ellipsis + " |Yes|"},
        {"a small letter goes on", "Well... maybe. \"What?\" he said. So.", "Well... maybe. |\"What?\" he said. |So.|"},
        {"quotes and brackets belong to it", "\"Go.\" (Now!) **Yes.** No." + right_quote + " So",
         "\"Go.\" |(Now!) |**Yes.** |No." + right_quote + " |So|"},
        {"quotes and marks of each kind", "'Go.' _Go._ `Go.` So", "'Go.' |_Go._ |`Go.` |So|"},
        {"a comma, a colon or a semicolon after it goes on", "Etc., Then etc.: Then etc.; Then. So",
         "Etc., Then etc.: Then etc.; Then. |So|"},
        {"a tab is white space", "Hi.\tYou. \t So", "Hi.\t|You. \t |So|"},
        {"a blank before the line's end", "Hi. \nyou", "Hi. \n|you|"},
        {"decimals, files, addresses", "It is 3.14 in main.cpp at 10.0.0.1. Yes", "It is 3.14 in main.cpp at 10.0.0.1. |Yes|"},
        {"abbreviations", "Ask Dr. Who or Mr. X vs. Y, (Fig. 3) No. 5. Then", "Ask Dr. Who or Mr. X vs. Y, (Fig. 3) No. 5. |Then|"},
        {"words that belong to numbers alone", "No. 5. No. So", "No. 5. |No. |So|"},
        {"and what is no number after them", "No. (5) No. :5", "No. |(5) No. |:5|"},
        {"an abbreviation in braces", "{Dr. Who} ~Mr. X", "{Dr. Who} ~Mr. X|"},
        {"an abbreviation after the last byte of ASCII", "\x7FMr. X", "\x7FMr. X|"},
        {"a letter beyond ASCII and one of it are no single letter", "\xC3\x89t. X", "\xC3\x89t. |X|"},
        {"a word that ends like one", "The quest. Best. Mother. X", "The quest. |Best. |Mother. |X|"},
        {"single letters", "J. R. R. Tolkien, e.g. The U.S. Navy. Yes", "J. R. R. Tolkien, e.g. The U.S. Navy. |Yes|"},
        {"numbers of a list", "1. First. 12. Second\n3. Third", "1. First. |12. Second\n|3. Third|"},
        {"a number that ends a sentence", "It was 5. Then", "It was 5. |Then|"},
        {"lines", "Title\n\n- one\n- two, \n  and", "Title\n\n|- one\n|- two, \n  |and|"},
        {"blank lines first", "\n\n Hi. Yo", "\n\n Hi. |Yo|"},
        {"Japanese", sun + stop + sun + stop + sun, sun + stop + "|" + sun + stop + "|" + sun + "|"},
        {"each of its stops", "a\xE3\x80\x82" "b\xEF\xBC\x81" "c\xEF\xBC\x9F" "d\xEF\xBD\xA1" "e\xEF\xBC\x8E" "f",
         "a\xE3\x80\x82|b\xEF\xBC\x81|c\xEF\xBC\x9F|d\xEF\xBD\xA1|e\xEF\xBC\x8E|f|"},
        {"each of its brackets that close",
         "(\xE3\x80\x82\xE3\x80\x97" "(\xE3\x80\x82\xEF\xBC\xBD"
         "(\xE3\x80\x82\xEF\xBD\x9D" "(\xE3\x80\x82\xEF\xBD\xA3" "a",
         "(\xE3\x80\x82\xE3\x80\x97|(\xE3\x80\x82\xEF\xBC\xBD|(\xE3\x80\x82\xEF\xBD\x9D|(\xE3\x80\x82\xEF\xBD\xA3|a|"},
        {"two of its stops", sun + stop + stop + sun, sun + stop + stop + "|" + sun + "|"},
        {"one of its stops after another's", "Go!" + stop + sun, "Go!" + stop + "|" + sun + "|"},
        {"another's after one of them", sun + stop + "!" + sun, sun + stop + "!|" + sun + "|"},
        {"its quotes", quote + sun + stop + end_quote + sun, quote + sun + stop + end_quote + "|" + sun + "|"},
        {"a small letter after its stop", sun + stop + "a " + sun + stop + " b", sun + stop + "|a " + sun + stop + " |b|"},
        {"no stop at all", "so it goes on", "so it goes on|"},
        {"stops alone", ". . .", ". |. |.|"},
        {"nothing", "", ""},
        {"bytes that are no UTF-8", "a\xFF. \xC3", "a\xFF. |\xC3|"},
        {"words", " one  two\nthree", " one|  two|\nthree|", Unit::word},
        {"words with tabs", "a\tb \tc", "a|\tb| \tc|", Unit::word},
        {"words with stops", "Hi, you. So-so!", "Hi,| you.| So-so!|", Unit::word},
        {"words of Japanese", "ab" + sun + sun + stop + quote + sun + "c", "ab|" + sun + "|" + sun + stop + "|" + quote + sun + "|c|",
         Unit::word},
        {"words that are emoji", family + flag + flag + "a", family + "|" + flag + "|" + flag + "|a|", Unit::word},
        {"blanks at the end", "a  ", "a|  |", Unit::word},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(told(pieces, row.unit), row.expected);
        });
    }
}

TEST_CASE("a sentence is delivered as soon as the next one begins") {
    ROW("in five pieces");
    char memory[64];
    SentenceCutter cutter(memory);
    std::string log;
    for (const char* text : {"Go", ".", " ", "N", "ow"}) {
        cutter.feed(text);
        SentencePiece piece;
        while (cutter.next(piece)) log += std::string(piece.text);
        log += "|";
    }
    CHECK_EQ(log, "|||Go. ||");
}

TEST_CASE("a sentence that is larger than the memory goes on") {
    struct Row {
        const char* name;
        std::string text, expected;
        Unit unit = Unit::sentence;
    };
    const Row rows[] = {
        {"between words", "one two three four five. Six", "one two three +four five. |Six|"},
        {"or code points", "onetwothreefou\xC3\xA9 five. Six", "onetwothreefou\xC3\xA9+ five. |Six|"},
        {"half a code point", "onetwothreefour\xC3\xA9 five. Six", "onetwothreefour+\xC3\xA9 five. |Six|"},
        {"it ends there", "onetwothreefour. Six", "onetwothreefour.+ |Six|"},
        {"white space", "one." + std::string(20, ' ') + "Two", "one." + std::string(12, ' ') + "|        Two|"},
        {"a dot at the cut", "onetwothreex Mr.)))))))))))) Xy. Zz", "onetwothreex +Mr.)))))))))))) +Xy. |Zz|"},
        {"a stop at the cut", "a" + sun + sun + sun + sun + stop + "X", "a" + sun + sun + sun + sun + stop + "+X|"},
        {"a long word", "onetwothreefourfive six", "onetwothreefourf+ive| six|", Unit::word},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(told(pieces, row.unit, SentenceCutter::min_memory_bytes), row.expected);
        });
    }
    ROW("less memory than there must be");
    CHECK_EQ(told({"Hi. You."}, Unit::sentence, SentenceCutter::min_memory_bytes - 1), "");
}

TEST_CASE("200 generated texts, in every cut, are cut where their sentences were joined") {
    const std::vector<std::string> sentences = {
        "Hello there. ", "Dr. Who came!  ", "It costs 3.14 or so. ", "Is it?\n", "\xE2\x80\x9CYes!" + right_quote + " ", "No! ", "Wait... what? ", "Title\n\n",
        sun + sun + stop, quote + sun + stop + end_quote, "We met J. R. Smith, e.g. at No. 5. ", "1. First. ",
        "(See it.) ", "\xC3\x89t\xC3\xA9 2024. ", "- item\r\n", "Oh" + ellipsis + " ",
    };
    for (unsigned number = 0; number != 200; ++number) {
        ROW("text " + std::to_string(number));
        corpus::Random random("sentence " + std::to_string(number));
        std::string text, expected, words;
        bool is_small = false;
        for (size_t left = random.between(0, 6); left != 0; --left) {
            const std::string& one = sentences[random.between(0, sentences.size() - 1)];
            text += one;
            expected += one + "|";
        }
        // Words: white space begins one.
        for (size_t at = 0; at != text.size(); ++at) {
            const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r'; };
            const bool is_wide = text.compare(at, 3, sun) == 0 || text.compare(at, 3, quote) == 0;
            const bool was_wide = at > 2 && (text.compare(at - 3, 3, sun) == 0 || text.compare(at - 3, 3, stop) == 0 ||
                                             text.compare(at - 3, 3, end_quote) == 0);
            const bool attaches = text.compare(at, 3, stop) == 0 || text.compare(at, 3, end_quote) == 0;
            const bool was_quote = at > 2 && text.compare(at - 3, 3, quote) == 0;
            const bool is_wide_end = at != 0 && !attaches && !was_quote && (is_wide || was_wide);
            if (at != 0 && !blank(text[at - 1]) && (blank(text[at]) || is_wide_end)) words += '|';
            words += text[at];
        }
        if (!words.empty()) words += '|';
        std::string wrong;
        corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
            std::string log = told(pieces, Unit::sentence);
            if (log != expected) wrong = corpus::describe(pieces) + ": " + log;
            log = told(pieces, Unit::word);
            if (log != words) wrong = corpus::describe(pieces) + ": " + log + "\nwords: " + words;
            // With little memory the same pieces come whatever the cut, and nothing is lost.
            log = told(pieces, Unit::sentence, 16);
            if (log != told({text}, Unit::sentence, 16)) wrong = corpus::describe(pieces) + ", 16 bytes: " + log;
            log.erase(std::remove_if(log.begin(), log.end(), [](char c) { return c == '|' || c == '+'; }), log.end());
            if (log != text) wrong = corpus::describe(pieces) + ", 16 bytes: " + log;
            is_small = true;
        });
        CHECK(is_small);
        CHECK_MESSAGE(wrong.empty(), wrong << "\nexpected: " << expected);
    }
}

TEST_CASE("no heap") {
    if (!support::HeapTrap::works()) return tally::skip("the heap cannot be trapped here");
    ROW("SentenceCutter");
    size_t bytes = 0;
    {
        support::HeapTrap trap;
        char memory[64];
        SentenceCutter cutter(memory);
        SentencePiece piece;
        cutter.feed("Not fetched. And ");
        cutter.feed("then. Dr. No came. ");
        cutter.finish();
        while (cutter.next(piece)) bytes += piece.text.size();
    }
    CHECK_EQ(bytes, std::strlen("And then. Dr. No came. "));
}

TEST_CASE("a text after the end of another one") {
    support::GuardedBuffer memory(64);
    SentenceCutter cutter(Buffer(memory.data(), memory.size()));
    SentencePiece piece;
    std::string log;
    for (const char* const text : {"Mr.", " X went. So ", "J.", " ", "\xE6\x97\xA5\xE3\x80\x82\xE6\x97\xA5"}) {
        cutter.feed(text);
        cutter.finish();
        while (cutter.next(piece)) log += std::string(piece.text) + "|";
    }
    CHECK_EQ(log, "Mr.| |X went. |So |J.| |" + sun + stop + "|" + sun + "|");
}
