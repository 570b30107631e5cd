// One part of the library alone, in a program that uses what it has to say. PIECE_* names the part.
#include "board.hpp"

#include BENCH_HEADER

namespace oai = openai_stream;

namespace {
char memory[2048];
inline void print(oai::StringView text) { board::print(text.data(), text.size()); }
}  // namespace

#if defined(PIECE_HTTP)

int main() {
    oai::http::ResponseParser parser;
    while (true) {
        const size_t count = board::receive(memory, sizeof memory);
        const char* at = memory;
        const char* const end = at + count;
        while (true) {
            const oai::http::ParseEvent part = count != 0 ? parser.next(at, end) : parser.finish();
            if (part == oai::http::ParseEvent::need_more) break;
            if (part == oai::http::ParseEvent::end) return parser.status();
            if (part == oai::http::ParseEvent::failed) return static_cast<int>(parser.error());
            if (part == oai::http::ParseEvent::body ||
                (part == oai::http::ParseEvent::field_value && parser.field() == oai::http::Field::x_request_id))
                print(parser.text());
            at = parser.at();
        }
    }
}

#elif defined(PIECE_SSE)

namespace {
char names[256];
}
int main() {
    oai::sse::EventAssembler assembler(names, sizeof names / 4);
    oai::JoinedText data;
    while (true) {
        const size_t count = board::receive(memory, sizeof memory);
        const char* at = memory;
        const char* const end = at + count;
        oai::sse::Progress progress;
        while ((progress = assembler.next(at, end, data)) != oai::sse::Progress::need_more) {
            at = assembler.at();
            if (progress == oai::sse::Progress::too_large) return 1;
            if (progress != oai::sse::Progress::event) continue;
            print(assembler.type());
            print(data.view());
            print(assembler.last_event_id());
        }
    }
}

#elif defined(PIECE_EXCHANGE)

int main() {
    oai::Exchange exchange(memory);
    exchange.begin_body(oai::Api::chat, 200, "text/event-stream");
    const auto show = [](const oai::Event& event) {
        if (event.kind == oai::EventKind::text) print(event.text);
    };
    char bytes[64];
    while (const size_t count = board::receive(bytes, sizeof bytes)) exchange.feed({bytes, count}, show);
    exchange.finish(show);
    return static_cast<int>(exchange.error());
}

#elif defined(PIECE_DIALECT)

int main() {
    oai::dialect::DocumentReader reader;
    oai::Event event;
    while (true) {
        const size_t count = board::receive(memory, sizeof memory);
        reader.begin(oai::dialect::chat, oai::dialect::chat_root, memory, memory + count, true);
        oai::dialect::Outcome outcome;
        while ((outcome = oai::dialect::next_of_chat(reader, event, oai::dialect::chat, {})) == oai::dialect::Outcome::event) {
            if (event.kind == oai::EventKind::text) print(event.text);
            if (event.kind == oai::EventKind::finish) return static_cast<int>(event.finish_reason);
        }
        if (outcome == oai::dialect::Outcome::failed) return static_cast<int>(reader.error());
        if (outcome == oai::dialect::Outcome::refused) print(reader.value(oai::dialect::value_error_message));
    }
}

#elif defined(PIECE_JSON)

namespace {
constexpr oai::json::Row rows[] = {{"text", 1, 0, oai::json::ReadMode::pieces}, {"list", 0, 1}};
constexpr oai::json::Context contexts[] = {oai::json::Context(), oai::json::Context::of<rows>()};
}  // namespace
int main() {
    oai::json::PathReader reader;
    reader.begin(contexts, 1, nullptr);
    while (true) {
        const size_t count = board::receive(memory, sizeof memory);
        reader.set_input(memory, memory + count);
        oai::json::StepKind step;
        while ((step = reader.next()) != oai::json::StepKind::need_more) {
            if (step == oai::json::StepKind::failed) return 1;
            if (step != oai::json::StepKind::text) continue;
            print(oai::json::unescape_atom(memory + (reader.text().data() - memory), reader.text().end()));
        }
        if (reader.finish()) return 0;
    }
}

#elif defined(PIECE_FIELDS)

namespace {
constexpr const char* paths[] = {"$.emotion", "$.actions[*].name", "$.reply"};
char fields_memory[64];
}  // namespace
int main() {
    oai::FieldStream fields(paths, fields_memory);
    oai::FieldPiece piece;
    while (const size_t count = board::receive(memory, sizeof memory)) {
        fields.feed(oai::StringView(memory, count));
        while (fields.next(piece)) print(piece.text);
    }
    return static_cast<int>(fields.error());
}

#elif defined(PIECE_THINK)

int main() {
    oai::ThinkSplitter splitter;
    oai::ThinkPiece piece;
    while (const size_t count = board::receive(memory, sizeof memory)) {
        splitter.feed(oai::StringView(memory, count));
        while (splitter.next(piece))
            if (!piece.is_reasoning) print(piece.text);
    }
    return 0;
}

#elif defined(PIECE_HOLD) || defined(PIECE_WRAP)

int main() {
    static char word[256];
#if defined(PIECE_HOLD)
    oai::Utf8Hold filter(word);
#else
    oai::WordWrap filter(20, word);
#endif
    oai::StringView piece;
    while (const size_t count = board::receive(memory, sizeof memory)) {
        filter.feed(oai::StringView(memory, count));
        while (filter.next(piece)) print(piece);
    }
    filter.finish();
    while (filter.next(piece)) print(piece);
    return 0;
}

#elif defined(PIECE_TYPEWRITER)

int main() {
    static char backlog[256];
    oai::Typewriter typewriter(backlog);
    while (const size_t count = board::receive(memory, sizeof memory)) {
        typewriter.add(oai::StringView(memory, count));
        print(typewriter.take(2));
    }
    return 0;
}

#elif defined(PIECE_SENTENCES)

int main() {
    static char sentence[256];
    oai::SentenceCutter cutter(sentence);
    oai::SentencePiece piece;
    while (const size_t count = board::receive(memory, sizeof memory)) {
        cutter.feed(oai::StringView(memory, count));
        while (cutter.next(piece)) print(piece.text);
    }
    return 0;
}

#elif defined(PIECE_FIND)

int main() {
    char city[64];
    const size_t count = board::receive(memory, sizeof memory);
    const oai::FoundValue found = oai::json_find(oai::StringView(memory, count), "$.city", city);
    print(found.text);
    return static_cast<int>(found.error);
}

#elif defined(PIECE_RESPONSE_REQUEST) || defined(PIECE_RETRIEVE_REQUEST)

int main() {
    static constexpr oai::Endpoint server("http://chat.local:8080/v1", "secret");
#if defined(PIECE_RESPONSE_REQUEST)
    static constexpr oai::InputItem conversation[] = {oai::InputItem::user("Say hello.")};
    oai::ResponseRequest ask("local", conversation);
    ask.extra_json = "\"temperature\":0.2";
#else
    const oai::RetrieveRequest ask("resp_1", 41);
#endif
    oai::RequestWriter writer;
    if (writer.begin(server, ask) != oai::Error::none) return 1;
    while (!writer.finished()) board::transmit(memory, writer.write(memory, sizeof memory));
    return static_cast<int>(writer.error());
}

#elif defined(PIECE_FORM)

namespace {
char recording[4096];
}
int main() {
    static constexpr oai::Endpoint server("http://chat.local:8080/v1", "secret");
    const oai::Source source = oai::Source::of_bytes({recording, board::receive(recording, sizeof recording)});
    const oai::TranscriptionRequest ask("local", oai::Upload(source, "speech.wav", "audio/wav"));
    oai::RequestWriter writer;
    if (writer.begin(server, ask) != oai::Error::none) return 1;
    while (!writer.finished()) board::transmit(memory, writer.write(memory, sizeof memory));
    return static_cast<int>(writer.error());
}

#elif defined(PIECE_REQUEST) || defined(PIECE_OPTIONS) || defined(PIECE_PARTS) || defined(PIECE_TOOLS)

int main() {
    static constexpr oai::Endpoint server("http://chat.local:8080/v1", "secret");
    static constexpr oai::Message conversation[] = {oai::Message::user("Say hello.")};
    oai::ChatRequest ask("local", conversation);
    ask.extra_json = "\"temperature\":0.2";
#if defined(PIECE_OPTIONS)
    oai::ChatOptions options;
    options.temperature = 0.2;
    options.max_completion_tokens = 64;
    ask.options = &options;
#elif defined(PIECE_SOURCE)
    static char picture[4096];
    const oai::Source source = oai::Source::of_bytes({picture, board::receive(picture, sizeof picture)});
    const oai::ContentPart parts[] = {oai::ContentPart::text("What is this?"),
                                      oai::ContentPart::image(source, "image/png")};
    const oai::Message message = oai::Message::of_parts(oai::Role::user, parts);
    ask.messages = {&message, 1};
#elif defined(PIECE_PARTS)
    static constexpr oai::ContentPart parts[] = {oai::ContentPart::text("What is this?"),
                                                 oai::ContentPart::image("http://i/j")};
    static constexpr oai::Message message = oai::Message::of_parts(oai::Role::user, parts);
    ask.messages = {&message, 1};
#elif defined(PIECE_TOOLS)
    static constexpr oai::Tool tools[] = {{"weather", "Tells the weather.", "{\"type\":\"object\"}"}};
    ask.tools = tools;
#endif
    oai::RequestWriter writer;
    if (writer.begin(server, ask) != oai::Error::none) return 1;
    while (!writer.finished()) board::transmit(memory, writer.write(memory, sizeof memory));
    return static_cast<int>(writer.error());
}

#endif
