// Build: c++ -std=c++17 -I.. structured_output.cpp -o structured_output
// Run: ./structured_output ["question"]
//
// A character in a game that answers in JSON, by a schema, and does not wait for its last brace: it shows $.emotion as
// soon as that is complete, speaks $.reply while it grows, in lines of 60 columns, and acts on each of $.actions as it
// ends. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL; for https URLs see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>

namespace oai = openai_stream;

static constexpr const char* schema = R"({"type":"object","additionalProperties":false,
    "required":["emotion","reply","actions"],"properties":{
        "emotion":{"type":"string","enum":["calm","sad","glad","angry"]},
        "reply":{"type":"string"},
        "actions":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],
            "properties":{"name":{"type":"string","enum":["wave","point","light the lamp"]}}}}}})";

class Npc {
public:
    // The answer goes on.
    void hear(oai::StringView json) {
        fields_.feed(json);
        act();
    }
    // The answer has ended. Returns false if it was no JSON, or not all of it.
    bool finish() {
        fields_.finish();
        act();
        return fields_.is_complete();
    }
    const char* problem() const { return oai::describe(fields_.error()); }

private:
    enum Path : uint8_t { emotion, reply, action };

    void act() {
        oai::FieldPiece piece;
        while (fields_.next(piece)) {
            if (piece.path == reply) speak(piece);
            else if (keep(piece)) printf(piece.path == emotion ? "(%s)\n" : "* %s\n", word_);
        }
        fflush(stdout);
    }
    // A word makes sense only as a whole. Returns true if it is.
    bool keep(const oai::FieldPiece& piece) {
        if (piece.is_first) size_ = 0;
        const oai::StringView fits = piece.text.take(sizeof word_ - 1 - size_);
        memcpy(word_ + size_, fits.data(), fits.size());
        size_ += fits.size();
        word_[size_] = '\0';
        return !piece.more;
    }
    void speak(const oai::FieldPiece& piece) {
        oai::StringView line;
        lines_.feed(piece.text);
        if (!piece.more) lines_.finish();
        while (lines_.next(line)) print(line);
        if (!piece.more) puts("");
    }

    static constexpr const char* paths_[] = {"$.emotion", "$.reply", "$.actions[*].name"};
    char field_memory_[64], line_memory_[256];
    oai::FieldStream fields_{paths_, field_memory_, oai::FieldStream::Fence::allowed};
    oai::WordWrap lines_{60, line_memory_};
    char word_[32];
    size_t size_ = 0;
};

int main(int count, char** words) {
    static char memory[16 * 1024];
    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    oai::ChatOptions options;
    options.response_format = oai::ResponseFormat::json_schema("npc", schema, oai::Tristate::yes);
    oai::ChatRequest ask(setting("OPENAI_MODEL", "local"), count > 1 ? words[1] : "Why is the sky blue?");
    ask.options = options;
    Connection connection(server);
    oai::Stream stream(connection, memory);
    Npc npc;
    stream.open(server, ask);
    for (const oai::Event& e : stream)
        if (e.is_text()) npc.hear(e.text);
    const bool is_whole = npc.finish();
    if (!is_good(stream)) return 1;
    if (!is_whole) fprintf(stderr, "The answer cannot be acted on: %s.\n", npc.problem());
    return is_whole ? 0 : 1;
}
