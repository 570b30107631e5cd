// Reasoning between tags in the content.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

using namespace openai_stream;
using Begin = ThinkSplitter::Begin;

namespace {

// "answer|reasoning"; the parts of each are joined. A change to reasoning and back is '#' in the answer.
std::string told(ThinkSplitter splitter, const corpus::Pieces& pieces) {
    std::string texts[2], empty;
    bool was_reasoning = false;
    const auto take = [&] {
        ThinkPiece piece;
        while (splitter.next(piece)) {
            if (piece.text.empty()) empty = "an empty piece";
            if (piece.is_reasoning && !was_reasoning) texts[0] += '#';
            was_reasoning = piece.is_reasoning;
            texts[piece.is_reasoning] += std::string(piece.text);
        }
    };
    for (const std::string_view piece : pieces) {
        support::GuardedBuffer copy(piece.size());
        std::memcpy(copy.data(), piece.data(), piece.size());
        splitter.feed(StringView(copy.data(), piece.size()));
        take();
    }
    splitter.finish();
    take();
    return texts[0] + "|" + texts[1] + empty;
}

constexpr ThinkTags odd_tags[] = {{"aab", "ba"}, {"aac", "cca"}, {"abab", "bb"}, {"cb", "ac"}};

}  // namespace

TEST_CASE("what is reasoning and what is not") {
    struct Row {
        const char* name;
        const char* text;
        const char* expected;
        Begin begin = Begin::first;
        bool is_odd = false;
    };
    const Row rows[] = {
        {"no tag", "Hello <b>world</b>.", "Hello <b>world</b>.|"},
        {"nothing", "", "|"},
        {"reasoning first", "<think>Hm.</think>Yes.", "#Yes.|Hm."},
        {"white space stays", "\n<think>\nHm.\n</think>\n\nYes.", "\n#\n\nYes.|\nHm.\n"},
        {"white space of all kinds before it", " \t\r\n<think>Hm.</think>Yes.", " \t\r\n#Yes.|Hm."},
        {"no other byte", "\v<think>Hm.", "\v<think>Hm.|"},
        {"other names", "<thinking>Hm.</thinking>Yes.", "#Yes.|Hm."},
        {"a name that contains another", "<thought>Hm.</think></thought>Yes.", "#Yes.|Hm.</think>"},
        {"tags that are no ASCII", "\xE2\x97\x81think\xE2\x96\xB7Hm.\xE2\x97\x81/think\xE2\x96\xB7Yes.", "#Yes.|Hm."},
        {"an empty one", "<think></think>Yes.", "Yes.|"},
        {"one after the other", "<think>a</think> <think>b</think>c", "# #c|ab"},
        {"it does not end", "<think>Hm.</thi", "#|Hm.</thi"},
        {"half a tag", "<thin", "<thin|"},
        {"another tag", "<thing>a</thing>", "<thing>a</thing>|"},
        {"an answer about tags", "Use <think>x</think>.", "Use <think>x</think>.|"},
        {"the same where reasoning may come anywhere", "Use <think>x</think>.", "Use #.|x", Begin::anywhere},
        {"a tag within what looked like one", "<thi<think>x</think>y", "<thi#y|x", Begin::anywhere},
        {"but not before an answer", "<thi<think>x</think>y", "<thi<think>x</think>y|"},
        {"an end without a beginning", "a</think>b", "a</think>b|"},
        {"an end alone where the template began", "a</think>b", "#b|a", Begin::open},
        {"and later another", "a</think>b<think>c</think>", "#b<think>c</think>|a", Begin::open},
        {"tags that repeat themselves", "aaabxbba.", "a#.|xb", Begin::anywhere, true},
        {"one is the end of the beginning of another", "aabab", "#|ab", Begin::anywhere, true},
        {"what is left of one begins another", "aababx", "#|abx", Begin::anywhere, true},
        {"and another", "xabaab.ba.", "xab#.|.", Begin::anywhere, true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const ThinkSplitter splitter =
            row.is_odd ? ThinkSplitter(row.begin, odd_tags) : ThinkSplitter(row.begin);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(told(splitter, pieces), row.expected);
        });
    }
}

namespace {

// The same by searching the whole text.
std::string searched(std::string text, Begin begin, Span<const ThinkTags> tags) {
    std::string answer, reasoning;
    bool was_reasoning = false, may_begin = true;
    const ThinkTags* open = nullptr;
    if (begin == Begin::open) open = tags.begin();
    while (!text.empty()) {
        const ThinkTags* found = nullptr;
        size_t size = 0;
        if (open) {
            size = std::string(open->end).size();
            if (text.compare(0, size, std::string(open->end)) == 0) {
                text.erase(0, size);
                open = nullptr;
                continue;
            }
        }
        for (const ThinkTags& tag : tags) {
            size = std::string(tag.begin).size();
            if (!open && may_begin && !found && text.compare(0, size, std::string(tag.begin)) == 0) found = &tag;
        }
        if (found) {
            text.erase(0, std::string(found->begin).size());
            open = found;
            continue;
        }
        if (open && !was_reasoning) answer += '#';
        was_reasoning = open != nullptr;
        (open ? reasoning : answer) += text[0];
        if (!open && begin != Begin::anywhere && text[0] != ' ') may_begin = false;
        text.erase(0, 1);
    }
    return answer + "|" + reasoning;
}

}  // namespace

TEST_CASE("200 generated texts, in every cut, are split as a search through the whole text splits them") {
    for (unsigned number = 0; number != 200; ++number) {
        ROW("text " + std::to_string(number));
        corpus::Random random("think " + std::to_string(number));
        const bool is_odd = number % 2 == 1;
        std::string text;
        for (size_t left = random.between(0, 14); left != 0; --left) {
            const char* const words[] = {"<think>", "</think>", "<thi", "<", ">", " ", "x", "</", "[THINK]", "[/THINK]", "<thought>"};
            if (is_odd) text += static_cast<char>(random.between('a', 'c'));
            else text += words[random.between(0, std::size(words) - 1)];
        }
        INFO(text);
        const auto begin = static_cast<Begin>(random.between(0, 2));
        const Span<const ThinkTags> tags = is_odd ? Span<const ThinkTags>(odd_tags) : Span<const ThinkTags>(think_tags);
        const std::string expected = searched(text, begin, tags);
        std::string wrong;
        corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
            const std::string log = told(ThinkSplitter(begin, tags), pieces);
            if (wrong.empty() && log != expected) wrong = corpus::describe(pieces) + ": " + log;
        });
        CHECK_MESSAGE(wrong.empty(), wrong << "\nexpected: " << expected);
    }
}

TEST_CASE("a tag within the beginning of another is not looked for, and nothing is read after it") {
    struct Row {
        const char *name, *text, *expected;
    };
    const Row rows[] = {
        {"the other does not come", "xab?.z", "xab?.z|"},
        {"nor does anything", "xab", "xab|"},
        {"the other comes", "xaby?.z", "#z|?"},
        {"it comes itself after that", "xabab?.z", "xab#z|?"},
        {"and at the beginning", "ab?.z", "#z|?"},
    };
    support::GuardedBuffer inner(2);
    std::memcpy(inner.data(), "ab", 2);
    const ThinkTags tags[] = {{"xaby", "."}, {StringView(inner.data(), 2), "."}};
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(told(ThinkSplitter(Begin::anywhere, tags), pieces), row.expected);
        });
    }
}

TEST_CASE("what is left of a tag may begin the first one of the table") {
    struct Row {
        const char *name, *text, *expected;
    };
    const Row rows[] = {
        {"it comes", "xabz?.q", "x#q|?"},
        {"it does not", "xabq", "xabq|"},
        {"the other comes", "xaby?.q", "#q|?"},
    };
    const ThinkTags tags[] = {{"abz", "."}, {"xaby", "."}};
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(told(ThinkSplitter(Begin::anywhere, tags), pieces), row.expected);
        });
    }
}

TEST_CASE("what is not fetched is passed over, and no heap is used") {
    if (!support::HeapTrap::works()) return tally::skip("the heap cannot be trapped here");
    ROW("ThinkSplitter");
    size_t bytes = 0;
    {
        support::HeapTrap trap;
        ThinkSplitter splitter;
        splitter.feed("<think>not fe");
        splitter.feed("tched</thi");
        splitter.feed("nk>fetched");
        ThinkPiece piece;
        while (splitter.next(piece)) bytes += piece.text.size();
    }
    CHECK_EQ(bytes, 7);
}
