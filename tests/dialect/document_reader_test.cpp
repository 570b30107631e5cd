// Chat chunks and error bodies as events: the corpus and rows beside it, shown at once, and by tables in which a row is
// missing.
#include "dialect/chat_readings.hpp"
#include "dialect/table_rows.hpp"

using namespace chat_cases;
using openai_stream::FinishReason;
using openai_stream::Quirk;

TEST_CASE("shown at once") {
    for (const Case& one : all_cases()) {
        ROW(one.name);
        const Reading reading = read_whole(one);
        CHECK_EQ(reading.broken, "");
        CHECK_MESSAGE(is_wanted(one, reading.value), printed(reading.value));
    }
}

// Where the corpus allows several readings, or none is defined: which one this library has, and why.
TEST_CASE("the reading of what is not defined") {
    struct Choice {
        const char* name;
        size_t which;  // 0: the one the corpus recommends
        const char* choice;
        const char* reason;
    };
    const Choice choices[] = {
        {"str-lone-high-at-end", 0, "U+FFFD",
         "text is always valid UTF-8, and an answer is worth more than half a character"},
        {"str-lone-low", 0, "U+FFFD", "the same"},
        {"str-lone-high-then-text", 0, "U+FFFD", "the same"},
        {"str-high-high-low", 0, "U+FFFD, then the pair", "the same"},
        {"dup-content", 0, "the last one; the first one when the event does not fit",
         "what was delivered cannot be taken back"},
        {"dup-id", 0, "the last one", "as every common decoder"},
        {"deep-unknown-20000", 1, "Error::json_too_deep above 128 levels", "the state is one bit for each level"},
        {"finish-empty-string", 0, "not finished", "servers send it in every chunk"},
        {"type-mismatch-content-number", 2, "its digits", "Cloudflare sends a token that looks like a number so"},
        {"tool-index-null-id-empty", 0, "an empty id is delivered as it came", "the core reports the wire"},
        {"tool-args-object", 0, "the object's JSON text", "that is what the caller would parse anyway"},
        {"legacy-function-call", 0, "ignored", "deprecated; it must not look like a tool call"},
        {"refusal-empty-string", 0, "an empty piece of refusal", "the core reports the wire"},
        {"content-parts-thinking", 0, "reasoning", "Mistral's way of sending it"},
        {"content-parts-text", 0, "text", "Mistral's way of sending it"},
        {"usage-details-null", 0, "unknown", "null says nothing; reasoning_tokens counts in its details only"},
        {"usage-groq-x", 1, "read", "Groq fills the documented place only when it is asked to"},
        {"usage-floats", 0, "read as integers", "the value is an integer, however it is written"},
        {"num-created-float", 0, "cut to seconds", "created is in seconds"},
        {"prov-legacy-completion", 1, "text", "it is the answer's text"},
        {"body-fastapi-detail", 1, "the message", "it is all the server says"},
        {"body-gemini-array", 1, "the first object's error", "Gemini wraps its errors in a list"},
    };
    std::map<std::string, const Choice*> open;
    for (const Choice& choice : choices) open[choice.name] = &choice;
    for (const Json& row : corpus::rows("json.jsonl")) {
        const std::string name = row.at("name");
        if ((row.at("kind") != "chat" && row.at("kind") != "error_body") ||
            (!row.contains("alts") && !corpus::has_tag(row, "policy")))
            continue;
        ROW(name);
        REQUIRE_MESSAGE(open.count(name) == 1, "no choice is written down");
        const Choice& choice = *open.at(name);
        for (const Case& one : all_cases())
            if (one.name == name)
                CHECK_MESSAGE(matches(one.expected.at(choice.which), read_whole(one).value), choice.choice);
        open.erase(name);
    }
    for (const auto& left : open) FAIL_CHECK("no such row: " << left.first);
}

TEST_CASE("no row of a table can be left out") {
    const auto read_by = [](const Case& one, const dialect::Dialect& tables) {
        const Reading reading = read_whole(one, tables);
        return Json{reading.value, reading.retry_after_ms};
    };
    std::vector<Json> readings;
    for (const Case& one : all_cases()) readings.push_back(read_by(one, dialect::chat));
    size_t rows = 0;
    for (size_t context = 0; context != dialect::context_count; ++context) {
        const openai_stream::json::Context& whole = dialect::chat_contexts[context];
        for (size_t missing = 0; missing != whole.count(); ++missing) {
            ROW("context " + std::to_string(context) + " without " + table_rows::key_of(whole, missing));
            ++rows;
            const std::vector<openai_stream::json::Row> left = table_rows::without(whole, missing);
            std::vector<openai_stream::json::Context> contexts(dialect::chat_contexts,
                                                               dialect::chat_contexts + dialect::context_count);
            for (openai_stream::json::Context& other : contexts)  // several are read by one table
                if (other.rows() == whole.rows()) other = openai_stream::json::Context(left.data(), left.size());
            const dialect::Dialect tables{contexts.data(), dialect::chat_root, true};
            size_t changed = 0;
            for (size_t index = 0; index != readings.size(); ++index)
                changed += read_by(all_cases()[index], tables) != readings[index];
            CHECK(changed != 0);
        }
    }
    CHECK(rows > 50);
}

TEST_CASE("finish reasons") {
    struct Reason {
        const char* name;
        FinishReason reason;
        bool is_known;
    };
    const Reason rows[] = {
        {"stop", FinishReason::stop, true},
        {"length", FinishReason::length, true},
        {"tool_calls", FinishReason::tool_calls, true},
        {"content_filter", FinishReason::content_filter, true},
        {"function_call", FinishReason::function_call, true},
        {"end_turn", FinishReason::other, false},
        {"STOP", FinishReason::other, false},
        {"stopp", FinishReason::other, false},
        {"error", FinishReason::other, false},
    };
    for (const Reason& row : rows) {
        ROW(row.name);
        std::string text = std::string(R"({"choices":[{"index":3,"finish_reason":")") + row.name + "\"}]}";
        dialect::DocumentReader reader;
        reader.begin(dialect::chat, dialect::chat_root, &text[0], &text[0] + text.size(), true);
        Event event;
        CHECK(dialect::next_of_chat(reader, event, dialect::chat, {}) == dialect::Outcome::event);
        CHECK(event.kind == EventKind::started);
        CHECK_FALSE(reader.is_finished());
        CHECK(dialect::next_of_chat(reader, event, dialect::chat, {}) == dialect::Outcome::event);
        CHECK(event.kind == EventKind::finish);
        CHECK(event.finish_reason == row.reason);
        CHECK_EQ(std::string(event.name), row.name);
        CHECK_EQ(event.choice, 3);
        CHECK(dialect::next_of_chat(reader, event, dialect::chat, {}) == dialect::Outcome::end);
        CHECK(reader.is_finished());
        CHECK_EQ(reader.quirks().count(Quirk::unknown_finish_reason), row.is_known ? 0 : 1);
    }
}

TEST_CASE("of an error body that ends too early the words are kept that are there, and nothing else that is cut") {
    struct Row {
        const char* name;
        const char* text;
        const char* message;  // null: there is none
        const char* type;
    };
    const Row rows[] = {
        {"within its message", R"({"error":{"type":"t","message":"the quota is us)", "the quota is us", "t"},
        {"within its type", R"({"error":{"message":"no","type":"invalid_req)", "no", nullptr},
        {"within the words alone", R"("the quota is us)", "the quota is us", nullptr},
        {"between them", R"({"error":{"type":"t",)", nullptr, "t"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string text = row.text;
        dialect::DocumentReader reader;
        reader.begin(dialect::chat, dialect::error_root, &text[0], &text[0] + text.size(), true);
        Event event;
        CHECK(dialect::next_of_chat(reader, event, dialect::chat, {}) == dialect::Outcome::failed);
        CHECK(reader.ended_early());
        reader.decode_error();
        const openai_stream::StringView message = reader.value(dialect::value_error_message);
        const openai_stream::StringView type = reader.value(dialect::value_error_type);
        CHECK_EQ(message.data() ? std::string(message) : "-", row.message ? row.message : "-");
        CHECK_EQ(type.data() ? std::string(type) : "-", row.type ? row.type : "-");
    }
}
