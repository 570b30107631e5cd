// Server-sent events by the corpus and by tables of limits, with the data joined in the input, and in input that moves.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace sse = openai_stream::sse;
using openai_stream::StringView;

namespace {

// Where the data of an event lives.
enum class Data {
    joined,  // in the input, to which pieces are appended
    moved,   // the same, but what is there moves before each piece (a buffer that is made free)
};
constexpr Data all_uses[] = {Data::joined, Data::moved};

const char* name_of(Data data) { return data == Data::joined ? "joined" : "moved"; }

struct Setting {
    size_t name_limit = 64;
    bool tolerant = false;
};

// "type|data|id;" for an event, ":" for a comment, "!" for too_large.
struct Decoded {
    std::string steps;
    std::string last_event_id;
    int64_t retry_ms = -1;

    bool operator==(const Decoded& other) const {
        return steps == other.steps && last_event_id == other.last_event_id && retry_ms == other.retry_ms;
    }
};
std::string step(const std::string& type, const std::string& data, const std::string& id) {
    return type + "|" + data + "|" + id + ";";
}

// Memory for the runs of one input; every piece of input ends where it cannot be read on.
struct Memory {
    support::GuardedBuffer input, other, names;

    Memory(size_t bytes, const Setting& setting) : input(bytes + 1), other(bytes + 1), names(4 * setting.name_limit) {}
};

Decoded decode(Memory& memory, const corpus::Pieces& pieces, Data use, const Setting& setting) {
    sse::EventAssembler assembler(memory.names.data(), setting.name_limit);
    size_t total = 0;
    for (const std::string_view piece : pieces) total += piece.size();
    openai_stream::JoinedText data;
    if (!setting.tolerant) assembler.set_strict();

    Decoded decoded;
    support::GuardedBuffer *here = &memory.input, *there = &memory.other;
    char* joined = here->data() + here->size() - total;  // so that the last piece ends at the guard page
    for (const std::string_view piece : pieces) {
        char* into = joined;
        if (use == Data::joined) {
            joined += piece.size();
        } else {
            const StringView kept = data.is_open() ? data.view() : StringView();
            std::swap(here, there);
            into = here->data() + here->size() - piece.size();
            if (data.is_open()) data.move_to(into - 1 - kept.size());  // room for a line feed between both
        }
        std::memcpy(into, piece.data(), piece.size());
        const char* at = into;
        const char* const end = into + piece.size();
        while (true) {
            const sse::Progress progress = assembler.next(at, end, data);
            at = assembler.at();
            if (progress == sse::Progress::event) {
                if (data.is_open()) decoded.steps += "data of an event that has ended";
                decoded.steps += step(assembler.type(), data.view(), assembler.last_event_id());
            } else if (progress == sse::Progress::comment) {
                decoded.steps += ":";
            } else {
                if (progress == sse::Progress::too_large) {
                    decoded.steps += "!";
                    if (assembler.next(at, end, data) != sse::Progress::too_large) decoded.steps += "it does not absorb";
                    return decoded;
                }
                if (at != end) decoded.steps += "need_more with input left";
                break;
            }
        }
        if (use != Data::joined) std::memset(there->data(), '#', there->size() < 9000 ? there->size() : 0);
    }
    decoded.last_event_id = std::string(assembler.last_event_id());
    decoded.retry_ms = assembler.retry_ms();
    return decoded;
}

std::string excerpt(const Decoded& decoded) {
    std::string text;
    for (const char c : decoded.steps.substr(0, 300)) {
        if (static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) < 0x7F) {
            text += c;
        } else {
            char hex[8];
            std::snprintf(hex, sizeof hex, "\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
            text += hex;
        }
    }
    return text + " (last id \"" + decoded.last_event_id + "\", retry " + std::to_string(decoded.retry_ms) + ")";
}

// Each use and each cut gives the same; compare(decoded) says whether it is what is wanted.
template <class F> void check_all_cuts(const std::string& input, bool large, const Setting& setting, F is_wanted) {
    Memory memory(input.size(), setting);
    std::string wrong;
    for (const Data use : all_uses) {
        corpus::for_each_cut(input, large, [&](const corpus::Pieces& pieces) {
            if (use == Data::moved && pieces.size() > 10000) return;  // moves all of it for each byte
            const Decoded decoded = decode(memory, pieces, use, setting);
            if (wrong.empty() && !is_wanted(decoded))
                wrong = std::string("data ") + name_of(use) + ", " + corpus::describe(pieces) + ": " + excerpt(decoded);
        });
    }
    CHECK_EQ(wrong, "");
}

std::string expected(const nlohmann::json& event, const char* key) {
    const std::string raw = std::string(key) + "_raw";
    return corpus::bytes(event, corpus::has_bytes(event, raw.c_str()) ? raw.c_str() : key);
}

std::string without_comments(const Decoded& decoded, const std::string& wanted) {
    // A comment's ":" stands between steps only, so dropping them one by one until the wanted text appears is exact.
    std::string left;
    for (size_t at = 0; at != decoded.steps.size(); ++at)
        if (decoded.steps[at] != ':' || wanted.compare(left.size(), 1, ":") == 0) left += decoded.steps[at];
    return left;
}

}  // namespace

TEST_CASE("the rows of the corpus, by the letter of the standard") {
    size_t rows = 0;
    for (const nlohmann::json& row : corpus::rows("sse.jsonl")) {
        ROW(row.at("name").get<std::string>());
        ++rows;
        Setting setting;
        setting.name_limit = 16 * 1024;
        Decoded wanted;
        for (const nlohmann::json& event : row.at("events"))
            wanted.steps += step(expected(event, "event"), expected(event, "data"), expected(event, "id"));
        wanted.last_event_id = expected(row, "last_event_id");
        const bool any_retry = row.value("retry_any", false);
        if (row.at("retry").is_number()) wanted.retry_ms = row.at("retry").get<int64_t>();
        const std::string input = corpus::bytes(row, "input");
        size_t comments = SIZE_MAX;
        check_all_cuts(input, corpus::is_large(row), setting, [&](Decoded decoded) {
            const std::string events = without_comments(decoded, wanted.steps);
            const size_t seen = decoded.steps.size() - events.size();
            if (comments == SIZE_MAX) comments = seen;
            decoded.steps = events;
            if (any_retry) decoded.retry_ms = wanted.retry_ms;
            return decoded == wanted && seen == comments;
        });
    }
    CHECK_EQ(rows, 144);
}

TEST_CASE("what does not fit, and what is said of it") {
    struct Row {
        const char* name;
        std::string input;
        std::string steps;  // of each cut
        std::string last_event_id;
        size_t name_limit;
        bool tolerant;
    };
    const std::string nul(1, '\0');
    const Row rows[] = {
        {"a type of exactly the limit", "event: 12345678\ndata: x\n\n", "12345678|x|;", "", 8, false},
        {"a type one byte above it", "event: 123456789\ndata: x\n\n", "!", "", 8, false},
        {"it is cut where that is tolerated", "event: 123456789\ndata: x\n\n", "12345678|x|;", "", 8, true},
        {"a cut type is forgotten with its event", "event: 123456789\ndata: x\n\ndata: y\n\n",
         "12345678|x|;message|y|;", "", 8, true},
        {"or when another takes its place", "event: 123456789\nevent: ok\ndata: x\n\n", "ok|x|;", "", 8, true},
        {"a second type of exactly the limit takes the place of the first",
         "event: 1234567\nevent: abcdefgh\ndata: x\n\n", "abcdefgh|x|;", "", 8, false},
        {"an id of exactly the limit", "id: 12345678\ndata: x\n\n", "message|x|12345678;", "12345678", 8, false},
        {"an id one byte above it", "id: 123456789\ndata: x\n\n", "!", "", 8, false},
        {"ids are not looked at where a dialect reads", "id: 123456789\ndata: x\n\n", "message|x|;", "", 8, true},
        {"a short id as well", "id: 1\ndata: x\n\n", "message|x|;", "", 8, true},
        {"three ids of the limit: of the last event, of this one, arriving",
         "id: aaaaaaaa\ndata: x\n\nid: bbbbbbbb\nid: cccc" + nul + "ccc\ndata: y\n\nid: dddd",
         "message|x|aaaaaaaa;message|y|bbbbbbbb;", "bbbbbbbb", 8, false},
        {"three ids of the limit, the third one good",
         "id: aaaaaaaa\ndata: x\n\nid: bbbbbbbb\nid: cccccccc\ndata: y\n\n", "message|x|aaaaaaaa;message|y|cccccccc;",
         "cccccccc", 8, false},
        {"ids of an event that never ends do not count", "id: 1\ndata: x\n\nid: 22\nid: 33\ndata: y\n", "message|x|1;",
         "1", 8, false},
        {"nor does one that is not finished", "id: 1\ndata: x\n\nid: 22\nid: 33\nid: 4", "message|x|1;", "1", 8,
         false},
        {"an id and a type of the limit do not touch",
         "event: tttttttt\nid: iiiiiiii\ndata: x\n\nevent: uuuuuuuu\nid: jjjjjjjj\ndata: y\n\n",
         "tttttttt|x|iiiiiiii;uuuuuuuu|y|jjjjjjjj;", "jjjjjjjj", 8, false},
        {"an id with NUL first", "id: 1\ndata: x\n\nid: " + nul + "ab\ndata: y\n\n", "message|x|1;message|y|1;", "1", 8,
         false},
        {"an id with NUL last", "id: 1\ndata: x\n\nid: ab" + nul + "\ndata: y\n\n", "message|x|1;message|y|1;", "1", 8,
         false},
        {"an id that is too long before its NUL comes", "id: 123456789" + nul + "\ndata: x\n\n", "!", "", 8,
         false},
        {"an id whose NUL is the first byte too much", "id: 12345678" + nul + "\ndata: x\n\n", "!", "", 8, false},
        {"an id that is too long after its NUL", "id: 1234567" + nul + "9999\ndata: x\n\n", "message|x|;", "", 8,
         false},
        {"an id after one with NUL", "id: a" + nul + "b\nid: 2\ndata: y\n\n", "message|y|2;", "2", 8, false},
        {"an error field is unknown to the standard", "error: {}\n\ndata: x\n\n", "message|x|;", "", 8, false},
        {"a dialect reads it as an event", "error: {\"a\":1}\n\ndata: x\n\n", "error|{\"a\":1}|;message|x|;", "", 8,
         true},
        {"of several lines", "error: {\nerror: }\n\n", "error|{\n}|;", "", 8, true},
        {"without a value", "error\n\n", "error||;", "", 8, true},
        {"it names the event", "event: x\nerror: 1\n\n", "error|1|;", "", 8, true},
        {"data and error are one text", "data: a\nerror: b\n\n", "error|a\nb|;", "", 8, true},
        {"names like it are unknown", "errors: 1\nerro: 2\nError: 3\ndata: x\n\n", "message|x|;", "", 8, true},
        {"a comment is said at its end", ": a\n:\ndata: x\n: unfinished", "::", "", 8, false},
        {"a comment within an event", "data: a\n: c\ndata: b\n\n", ":message|a\nb|;", "", 8, false},
        {"a colon after data is no comment", "data: :\n\n", "message|:|;", "", 8, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Setting setting;
        setting.name_limit = row.name_limit;
        setting.tolerant = row.tolerant;
        check_all_cuts(row.input, false, setting, [&](const Decoded& decoded) {
            const bool over = !row.steps.empty() && row.steps.back() == '!';
            return decoded.steps == row.steps && (over || decoded.last_event_id == row.last_event_id);
        });
    }
}

TEST_CASE("reconnection times: digits only, up to 2^63 - 2") {
    struct Row {
        const char* name;
        const char* input;
        int64_t retry_ms;
    };
    const Row rows[] = {
        {"nothing", "data: x\n\n", -1},
        {"the largest", "retry: 9223372036854775806\n", INT64_MAX - 1},
        {"one more", "retry: 9223372036854775807\n", -1},
        {"two more", "retry: 9223372036854775808\n", -1},
        {"above 64 bits", "retry: 18446744073709551616\n", -1},
        {"a broken one leaves the one before", "retry: 5\nretry: 9223372036854775808\n", 5},
        {"an empty one is none, also after a good one", "retry: 5\nretry:\n", 5},
        {"a good one after a broken one", "retry: 5x\nretry: 6\n", 6},
        {"it counts without a blank line, but not without its own end", "retry: 5\nretry: 66", 5},
        {"many zeros", "retry: 00000000000000000000000000000007\n", 7},
        {"a letter in the middle", "retry: 1a2\n", -1},
        {"a character below the digits", "retry: 1/\n", -1},
        {"a character above the digits", "retry: 1:\n", -1},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        check_all_cuts(row.input, false, Setting(),
                       [&](const Decoded& decoded) { return decoded.retry_ms == row.retry_ms; });
    }
}

TEST_CASE("the type of an event, as it was given and as the standard has it") {
    struct Row {
        const char* name;
        std::string input;
        const char* given;
        const char* type;
    };
    const Row rows[] = {
        {"none", "data: x\n\n", "", "message"},
        {"one", "event: done\ndata: x\n\n", "done", "done"},
        {"an empty one", "event\ndata: x\n\n", "", "message"},
        {"the standard's own", "event: message\ndata: x\n\n", "message", "message"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string input = row.input;
        char names[4 * 16];
        openai_stream::sse::EventAssembler assembler(names, 16);
        openai_stream::JoinedText data;
        CHECK(assembler.next(input.data(), input.data() + input.size(), data) == openai_stream::sse::Progress::event);
        CHECK(assembler.given_type() == StringView(row.given));
        CHECK(assembler.type() == StringView(row.type));
        CHECK(assembler.is_type(row.given));
        CHECK_FALSE(assembler.is_type("don"));
        CHECK(assembler.names_end() == names + sizeof names);
    }
}

TEST_CASE("what is between two events, and whether an error field came") {
    struct Row {
        const char* name;
        const char* input;
        unsigned boundary, boundary_if_delivered;  // is_delivered: the last event was
        bool has_error_field;
    };
    const Row rows[] = {
        {"nothing yet", "", 1, 1, false},
        {"in a name", "d", 0, 0, false},
        {"in a value", "data: a", 0, 0, false},
        {"in a comment", ": a", 0, 0, false},
        {"after a line of data", "data: a\n", 1, 1, false},
        {"after the type of an event that goes on", "event: x\n", 0, 1, false},
        {"after an event", "data: a\n\n", 1, 1, false},
        {"after an event with a type", "event: x\ndata: a\n\n", 0, 1, false},
        {"after CR", "data: a\r", 2, 2, false},
        {"an error field", "error: x\n", 0, 1, true},
        {"another field of its length", "eeror: x\n", 1, 1, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string input = row.input;
        char names[4 * 16];
        sse::EventAssembler assembler(names, 16);
        openai_stream::JoinedText data;
        const char* const end = input.data() + input.size();
        sse::Progress progress = assembler.next(input.data(), end, data);
        while (progress != sse::Progress::need_more && assembler.at() != end)
            progress = assembler.next(assembler.at(), end, data);
        CHECK_EQ(assembler.boundary(false), row.boundary);
        CHECK_EQ(assembler.boundary(true), row.boundary_if_delivered);
        CHECK_EQ(assembler.has_error_field(), row.has_error_field);
    }
}
