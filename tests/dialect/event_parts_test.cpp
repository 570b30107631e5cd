// Chat chunks and error bodies that come in parts: through windows they do not fit into, and through an Exchange.
#include "dialect/chat_readings.hpp"

#include <map>
#include <memory>

using namespace chat_cases;

namespace {

// Through a window, `step` bytes at a time at most, as Exchange::make_room() does it.
Reading read_in_parts(const Case& one, support::GuardedBuffer& memory, size_t step) {
    char* const limit = memory.data() + memory.size();
    dialect::DocumentReader reader;
    Answer answer;
    Event event;
    size_t shown = std::min({memory.size(), one.text.size(), step});
    std::memcpy(memory.data(), one.text.data(), shown);
    char* end = memory.data() + shown;
    reader.begin(dialect::chat, root_of(one), memory.data(), end, false);
    bool is_last = false;
    while (true) {
        const dialect::Outcome outcome = dialect::next_of_chat(reader, event, dialect::chat, {});
        if (outcome == dialect::Outcome::event) {
            answer.take(event);
            continue;
        }
        if (outcome != dialect::Outcome::need_more || is_last)
            return conclude(reader, answer, outcome, one.is_error_body);
        if (shown == one.text.size()) {
            reader.set_input(reader.unread(), end, true);
            is_last = true;
            continue;
        }
        if (end == limit) {
            char* const into = reader.pack_values(memory.data());
            const auto left = static_cast<size_t>(end - reader.unread());
            std::memmove(into, reader.unread(), left);
            reader.set_input(into, into + left, false);
            end = into + left;
            std::memset(end, '#', static_cast<size_t>(limit - end));
            if (end == limit) {
                if (reader.spill()) continue;
                Reading reading = conclude(reader, answer, outcome, one.is_error_body);
                reading.error = Error::event_too_large;
                reading.key = std::string(reader.pending_key());
                return reading;
            }
        }
        const size_t count = std::min({static_cast<size_t>(limit - end), one.text.size() - shown, step});
        std::memcpy(end, one.text.data() + shown, count);
        shown += count;
        end += count;
        reader.set_input(reader.unread(), end, false);
    }
}

enum class Known {
    late_id,     // what was not known when the first choice had ended is not said
    first_text,  // of several keys for a text the first one may count: it had to leave
    first_said,  // the same of one key that is there twice, in other letters; in small windows only
    late_key,    // the index comes after something that is delivered when it ends: Error::late_key
};
struct Exception {
    const char* name;
    Known outcome;
};
const Exception exceptions[] = {
    {"order-choices-first", Known::late_id},
    {"order-index-last", Known::late_id},
    {"prov-azure-async-filter", Known::late_id},
    {"prov-llamacpp-final", Known::late_id},
    {"prov-gemini-minimal", Known::late_id},
    {"prov-dashscope", Known::late_id},
    {"prov-legacy-completion", Known::late_id},
    {"a list of chunks, their keys the other way round", Known::late_id},
    {"in the other order", Known::first_text},
    {"reasoning before thinking", Known::first_text},
    {"the second of a message", Known::first_text},
    {"the last of two texts of each kind", Known::first_said},
    {"two deltas and two functions: the last of what both say", Known::first_said},
    {"parts, and the choice's index after them", Known::late_key},
    {"a choice index after everything", Known::late_key},
};
constexpr size_t enough = 128;  // bytes for the ids and names of all rows here, and for a key

std::string in_small_letters(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

// "" when it is what it should be. is_small: ids and keys may be too large, and a message cut. Sets *seen when an
// exception was made.
std::string judge(const Case& one, const Json& whole, const Reading& reading, bool is_small, bool* seen) {
    if (!reading.broken.empty()) return reading.broken;
    const Exception* exception = nullptr;
    for (const Exception& other : exceptions)
        if (other.name == one.name) exception = &other;
    const bool is_known = exception != nullptr;
    if (reading.error == Error::event_too_large && is_small) return "";
    if (reading.error == Error::event_too_large) return describe(reading.error) + (": " + reading.key);
    if (reading.error == Error::late_key) {
        const bool is_exception = is_known && exception->outcome == Known::late_key;
        *seen = *seen || is_exception;
        return is_exception || is_small ? "" : describe(reading.error);
    }
    if (reading.value == whole) return "";
    Json value = reading.value, same = whole;
    if (is_small && value.at("valid") == true && value.at("error").is_object() && same.at("error").is_object()) {
        Json message = same["error"]["message"], cut = value["error"]["message"];
        same["error"]["message"] = value["error"]["message"] = nullptr;
        if (message.is_string() && cut.is_string() && message.get<std::string>().find(cut.get<std::string>()) == 0 &&
            value == same)
            return "";
    }
    if (is_known && exception->outcome == Known::late_id) {
        for (const char* key : {"id", "model", "created"}) value[key] = same[key] = nullptr;
        *seen = *seen || value == same;
        if (value == same) return "";
    }
    if (is_known && exception->outcome == Known::first_said && is_small) {
        const bool is_same = in_small_letters(printed(value)) == in_small_letters(printed(same));
        *seen = *seen || is_same;
        if (is_same) return "";
    }
    if (is_known && exception->outcome == Known::first_text &&
        one.text.find(printed(value["choices"][0]["reasoning"])) != std::string::npos) {
        value["choices"][0]["reasoning"] = same["choices"][0]["reasoning"] = nullptr;
        *seen = *seen || value == same;
        if (value == same) return "";
    }
    return printed(reading.value);
}

void check_exceptions(const std::map<std::string, bool>& seen) {
    for (const Exception& exception : exceptions) {
        const auto found = seen.find(exception.name);
        CHECK_MESSAGE((found != seen.end() && found->second),
                      (std::string(exception.name) + " is no exception any more"));
    }
}

}  // namespace

// Through windows of every size, which stand for buffers that an event does not fit into.
TEST_CASE("shown in parts") {
    std::map<size_t, std::unique_ptr<support::GuardedBuffer>> memories;
    std::map<std::string, bool> seen;
    for (const Case& one : all_cases()) {
        ROW(one.name);
        const Json whole = read_whole(one).value;
        std::string wrong;
        for (size_t size = 4; size <= std::min<size_t>(one.text.size() + 1, 600); ++size) {
            if (corpus::few_cuts() && size % 16 != 0) continue;
            std::unique_ptr<support::GuardedBuffer>& memory = memories[size];
            if (!memory) memory = std::make_unique<support::GuardedBuffer>(size);
            for (const size_t step : {size_t{1}, size_t{7}, SIZE_MAX}) {
                const Reading reading = read_in_parts(one, *memory, step);
                const std::string what = judge(one, whole, reading, size < enough, &seen[one.name]);
                if (wrong.empty() && !what.empty())
                    wrong = "window of " + std::to_string(size) + ", steps of " + std::to_string(step) + ": " + what;
            }
        }
        CHECK_EQ(wrong, "");
    }
    if (!corpus::few_cuts()) check_exceptions(seen);
}

TEST_CASE("through an Exchange, in every cut") {
    char memory[16 * 1024];
    for (const Case& one : all_cases()) {
        if (one.is_error_body && one.text[0] != '{' && one.text[0] != '[') continue;  // no JSON to an Exchange
        ROW(one.name);
        const std::string body = one.is_error_body ? one.text : as_event(one.text);
        std::string wrong;
        corpus::for_each_cut(body, one.text.size() > 10000, [&](const corpus::Pieces& pieces) {
            const Reading reading = read_through_exchange(one, memory, pieces);
            std::string what = reading.broken;
            if (what.empty() && !is_wanted(one, reading.value)) what = printed(reading.value);
            // For what has neither choices nor usage the end comes too early, or nothing was understood.
            const bool says_nothing = reading.value.value("choices", Json()).empty() &&
                                      reading.value.value("usage", Json()).is_null();
            const Error expected = error_of(one, reading.value);
            if (what.empty() && reading.error != expected &&
                !(says_nothing && expected == Error::truncated && reading.error == Error::not_event_stream))
                what = describe(reading.error);
            if (wrong.empty() && !what.empty()) wrong = corpus::describe(pieces) + ": " + what;
        });
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("through an Exchange with the smallest buffer") {
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    std::map<std::string, bool> seen;
    for (const Case& one : all_cases()) {
        if (one.is_error_body && one.text[0] != '{' && one.text[0] != '[') continue;
        ROW(one.name);
        std::string wrong;
        for (const unsigned blanks : {0u, 1u, 40u, 400u}) {
            const bool is_huge = one.text.size() > 10000;
            const std::string text = is_huge ? one.text : stretched(one.text, blanks);
            const Json whole = read_whole({one.name, one.is_error_body, text, {}, false}).value;
            const std::string body = one.is_error_body ? text : as_event(text);
            for (const unsigned step : {1u, 7u, 64u, 100000u}) {
                Reading reading = read_through_exchange(one, {memory.data(), memory.size()}, in_steps(body, step));
                std::string what;
                if (one.is_error_body) {
                    what = reading.broken;
                    if (what.empty() && !is_wanted(one, reading.value)) what = printed(reading.value);
                    if (what.empty() && reading.error != Error::http_status) what = describe(reading.error);
                } else {
                    what = judge(one, whole, reading, false, &seen[one.name]);
                }
                if (wrong.empty() && !what.empty())
                    wrong = std::to_string(blanks) + " blanks, steps of " + std::to_string(step) + ": " + what;
            }
        }
        CHECK_EQ(wrong, "");
    }
    for (const Exception& exception : exceptions)
        if (exception.outcome == Known::late_id || exception.outcome == Known::late_key)
            CHECK_MESSAGE(seen[exception.name], (std::string(exception.name)));
}
