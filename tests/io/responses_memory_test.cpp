// What a server of the Responses API cannot do to the caller's memory, however it writes its events: the buffer ends at
// a page that can be neither read nor written.
#include "io/responses_support.hpp"

using namespace responses;

TEST_CASE("nothing is written after the buffer, whatever an error event repeats") {
    struct Row {
        const char* name;
        const char *before, *between, *behind;  // of a long text, and a longer one
        bool has_code;                          // the first text is the error's code
    };
    const Row rows[] = {
        {"the code, and a key that nobody knows", R"({"type":"error","code":")", R"(","x":")", R"("})", true},
        {"the code before the type", R"({"code":")", R"(","type":"error","x":")", R"("})", true},
        {"the code and a text", R"({"type":"error","code":")", R"(","text":")", R"("})", false},
        {"the code and a delta", R"({"type":"error","delta":"a","code":")", R"(","delta":")", R"("})", false},
        {"a delta without a code", R"({"type":"error","delta":")", R"(","message":")", R"("})", false},
        {"a text before the type", R"({"text":")", R"(","type":"error","message":")", R"("})", false},
        {"the code of a failed answer", R"({"type":"response.failed","response":{"error":{"code":")", R"(","message":")",
         R"("},"status":"failed"}})", true},
        {"the code twice", R"({"type":"error","code":")", R"(","code":")", R"("})", false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        for (const size_t buffer : {size_t{512}, size_t{1024}, size_t{4096}}) {
            // Around the sizes at which an event is first whole, then packed, then read in parts.
            for (size_t eighths = 1; eighths != 9; ++eighths) {
                for (const size_t blanks : {size_t{0}, buffer / 2, 2 * buffer}) {
                    const std::string code(buffer * eighths / 16, 'A'), text(buffer, 'B');
                    const std::string body = "data: " + (row.before + code + row.between + text + row.behind) +
                                             std::string(blanks, ' ') + "\n\n";
                    for (const size_t step : {size_t{61}, body.size()}) {
                        const Story story = read(buffer, body, step);
                        const std::string what = std::to_string(buffer) + ", " + std::to_string(code.size()) + ", " +
                                                 std::to_string(blanks) + ": ";
                        if (!wrong.empty()) continue;
                        if (!story.broken.empty()) wrong = what + story.broken;
                        else if (story.error == Error::event_too_large || story.error == Error::truncated) continue;
                        else if (story.error != Error::server_error) wrong = what + describe(story.error);
                        // A code that nearly fills the buffer may be left out.
                        const bool may_lack = code.size() >= buffer / 2 && story.failure.at("code").is_null();
                        if (wrong.empty() && row.has_code && !may_lack && story.failure.at("code") != code)
                            wrong = what + story.failure.dump();
                    }
                }
            }
        }
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("the code of an error that is followed by blanks is the server's") {
    // An event of which all but the code is passed over, so that the code is packed while blanks come.
    const std::string code(2200, 'A');
    const std::string body = "data: {\"type\":\"error\",\"code\":\"" + code + "\",\"x\":\"" + std::string(4096, 'B') +
                             "\"}" + std::string(8192, ' ') + "\n\n";
    for (const size_t step : {size_t{1}, size_t{700}, body.size()}) {
        const Story story = read(4096, body, step);
        CHECK_EQ(describe(story.error), describe(Error::server_error));
        CHECK_EQ(story.failure.at("code"), code);
    }
}

TEST_CASE("a whole text of sound is nobody's that was delivered, whatever lies after its item in memory") {
    for (const char* const other : {"10", "11", "12", "13", "20", "21", "22", "23"}) {
        ROW(other);
        std::string body;
        for (const char* const id : {"m", other})
            body += as_event(R"({"type":"response.output_item.added","output_index":)" +
                             std::string(id == other ? "1" : "0") + R"(,"item":{"id":")" + id +
                             R"(","type":"message"}})");
        for (const char* const type : {"audio", "audio.transcript"}) {
            const std::string pad(700, 'x');
            const Story story = read(600, body + as_event(R"({"type":"response.)" + std::string(type) +
                                                          R"(.done","item_id":"m","x":")" + pad +
                                                          R"(","text":"abc","x":")" + pad + R"("})"));
            CHECK_EQ(story.broken, "");
            CHECK_EQ(story.bytes_of_text, 3);
        }
    }
}
