// The functions for C beside the classes they stand for: the same bytes in the same pieces, in memory of the same size,
// must say the same. An input is a body (oai_body) or a conversation over a transport (oai_stream).
#define OPENAI_STREAM_C_API
#include "exchange.hpp"

namespace {

namespace oai = openai_stream;
using fuzz::check;

// What is said by either, views as places in the memory that was given.
class Heard {
public:
    explicit Heard(oai::Buffer memory) : memory_(memory) {}
    void add(const oai_event& event) {
        for (const oai_text text : {event.text, event.id, event.name, event.item_id}) add(text);
        for (const int64_t number :
             {event.created, event.sequence_number, event.usage.prompt_tokens, event.usage.completion_tokens,
              event.usage.total_tokens, event.usage.cached_tokens, event.usage.reasoning_tokens, int64_t{event.kind},
              int64_t{event.finish_reason}, int64_t{event.more}, int64_t{event.provisional}, int64_t{event.choice},
              int64_t{event.tool_index}, int64_t{event.output_index}, int64_t{event.content_index},
              int64_t{event.item_number}})
            digest_.add(number);
    }
    void add(const oai::Event& event) {
        const oai::Usage& usage = event.usage;
        for (const oai::StringView view : {event.text, event.id, event.name, event.item_id}) add(view);
        for (const int64_t number :
             {event.created, event.sequence_number, usage.prompt_tokens, usage.completion_tokens, usage.total_tokens,
              usage.cached_tokens, usage.reasoning_tokens, int64_t{static_cast<int>(event.kind)},
              int64_t{static_cast<int>(event.finish_reason)}, int64_t{event.more}, int64_t{event.provisional},
              int64_t{event.choice}, int64_t{event.tool_index}, int64_t{event.output_index}, int64_t{event.content_index},
              int64_t{event.item_number}})
            digest_.add(number);
    }
    void add(const oai_failure& failure) {
        for (const oai_text text : {failure.type, failure.code, failure.param, failure.message, failure.request_id,
                                    failure.content_type, failure.location, failure.body_prefix})
            add(text);
        for (const int64_t number : {failure.retry_after_ms, int64_t{failure.error}, int64_t{failure.category},
                                     int64_t{failure.http_status}, int64_t{failure.transport_code}})
            digest_.add(number);
    }
    void add(const oai::Failure& failure) {
        for (const oai::StringView view : {failure.type, failure.code, failure.param, failure.message,
                                           failure.request_id, failure.content_type, failure.location, failure.body_prefix})
            add(view);
        for (const int64_t number : {failure.retry_after_ms, int64_t{static_cast<int>(failure.error)},
                                     int64_t{static_cast<int>(failure.category)}, int64_t{failure.http_status},
                                     int64_t{failure.transport_code}})
            digest_.add(number);
    }
    void add(int32_t number) { digest_.add(int64_t{number}); }
    void add(const char* words) { digest_.add(words, strlen(words)); }
    uint64_t value() const { return digest_.value(); }

private:
    void add(oai_text text) { add(oai::StringView(text.data, text.size)); }
    void add(oai::StringView view) {
        fuzz::check_view(view, memory_, "a view is outside the buffer");
        const bool is_inside = view.data() >= memory_.data && view.data() <= memory_.data + memory_.size;
        digest_.add(is_inside ? int64_t{view.data() - memory_.data} : -1);
        digest_.add(view);
    }

    oai::Buffer memory_;
    fuzz::Digest digest_;
};

// ---- a body ---------------------------------------------------------------------------------------------------------

struct Choices {
    bool is_responses;
    int status;
    uint8_t cut;
    bool has_type;   // a Content-Type
    uint8_t closed;  // after so many events by whoever hears them; 0: never
};

uint64_t body_of_c(const Choices& choices, fuzz::Bytes script, oai::Buffer memory) {
    struct Context {
        Heard heard;
        oai_body* body;
        unsigned left;
        static void hear(void* self, const oai_event* event) {
            Context& context = *static_cast<Context*>(self);
            context.heard.add(*event);
            if (context.left != 0 && --context.left == 0) {
                check(oai_body_feed(context.body, "x", 1, nullptr, nullptr) == OAI_POLL_FAILED, "fed from inside");
                oai_body_close(context.body);
            }
        }
    };
    static oai_body body;
    Context context = {Heard(memory), &body, choices.closed};
    memset(&body, 0, sizeof body);
    oai_body_init(&body, memory.data, memory.size);
    context.heard.add(oai_body_begin(&body, choices.is_responses ? OAI_API_RESPONSES : OAI_API_CHAT, choices.status));
    if (choices.has_type) oai_body_add_header(&body, oai_str("Content-Type"), oai_str("text/event-stream"));
    fuzz::Cuts cuts(choices.cut);
    int32_t said = OAI_POLL_PENDING;
    while (script.size != 0 && said == OAI_POLL_PENDING) {
        size_t count = cuts.next();
        if (count > script.size) count = script.size;
        said = oai_body_feed(&body, script.data, count, Context::hear, &context);
        script.data += count;
        script.size -= count;
    }
    context.heard.add(oai_body_finish(&body, Context::hear, &context));
    oai_failure failure;
    oai_body_failure(&body, &failure);
    context.heard.add(failure);
    context.heard.add(oai_body_error(&body));
    char words[300];
    context.heard.add(oai_body_explain(&body, words, sizeof words));
    return context.heard.value();
}
uint64_t body_of_cpp(const Choices& choices, fuzz::Bytes script, oai::Buffer memory) {
    Heard heard(memory);
    oai::Exchange exchange(memory);
    unsigned left = choices.closed;
    const auto hear = [&](const oai::Event& event) {
        heard.add(event);
        if (left != 0 && --left == 0) exchange.stop(oai::Verdict::closed_by_caller, oai::Error::closed);
    };
    const oai::Api& api = choices.is_responses ? oai::Api::responses : oai::Api::chat;
    heard.add(static_cast<int32_t>(exchange.begin_body(api, choices.status)));
    if (choices.has_type) exchange.add_header("Content-Type", "text/event-stream");
    fuzz::Cuts cuts(choices.cut);
    oai::Poll said = oai::Poll::pending;
    while (script.size != 0 && said == oai::Poll::pending) {
        size_t count = cuts.next();
        if (count > script.size) count = script.size;
        said = exchange.feed({script.data, count}, hear);
        script.data += count;
        script.size -= count;
    }
    heard.add(static_cast<int32_t>(exchange.finish(hear)));
    heard.add(exchange.failure());
    heard.add(static_cast<int32_t>(exchange.error()));
    char words[300];
    heard.add(oai::explain(exchange.failure(), oai::Buffer(words)));
    return heard.value();
}

// ---- a conversation -------------------------------------------------------------------------------------------------

// A server that says what the script says; its functions return what those of C do.
struct Link {
    fuzz::Bytes script;
    fuzz::Cuts cuts;
    uint8_t nature;
    uint32_t now = 0;
    fuzz::Digest asked;  // what was sent to it, and where

    int32_t pull(char* into, size_t room) {
        now += 1;
        if ((nature & 2) != 0 && now % 4 == 0) return OAI_IO_WOULD_BLOCK;
        size_t count = cuts.next();
        if (count > room) count = room;
        if (count > script.size) count = script.size;
        if (count == 0) return (nature & 4) != 0 ? -104 : OAI_IO_CLOSED;
        memcpy(into, script.data, count);
        script.data += count;
        script.size -= count;
        return static_cast<int32_t>(count);
    }
    int32_t push(const char* from, size_t count) {
        now += 1;
        if ((nature & 8) != 0 && count > 50) count = 50;
        asked.add(from, count);
        return static_cast<int32_t>(count);
    }
    int32_t dial(const char* host, size_t size, uint16_t port) {
        asked.add(host, size);
        asked.add(int64_t{port});
        return (nature & 0x30) == 0x30 ? OAI_IO_UNRESOLVED : (nature & 0x30) == 0x20 ? -111 : OAI_IO_READY;
    }
    int32_t wait(uint32_t milliseconds) {
        now += milliseconds < 1000 ? milliseconds : 1000;
        return OAI_IO_WOULD_BLOCK;
    }
};

struct Conversation {
    oai::StringView url, key, text, extra;
    bool has_retries, is_json;
};

template <class Poll> void talk(Heard& heard, Poll poll) {
    for (size_t turns = 0; turns != 40000; ++turns)
        if (!poll(heard)) return;
    fuzz::fail("a conversation never ends");
}

uint64_t talk_in_c(const Conversation& what, Link link, oai::Buffer memory) {
    oai_transport transport = {};
    transport.context = &link;
    transport.pull = [](void* self, char* into, size_t room) { return static_cast<Link*>(self)->pull(into, room); };
    transport.push = [](void* self, const char* from, size_t count) {
        return static_cast<Link*>(self)->push(from, count);
    };
    transport.dial = [](void* self, const char* host, size_t size, uint16_t port) {
        check(host[size] == '\0', "a host without its NUL");
        return static_cast<Link*>(self)->dial(host, size, port);
    };
    transport.wait = [](void* self, int32_t, uint32_t ms) { return static_cast<Link*>(self)->wait(ms); };
    transport.now_ms = [](void* self) { return static_cast<Link*>(self)->now; };
    static oai_stream stream;
    memset(&stream, 0, sizeof stream);
    oai_stream_init(&stream, &transport, memory.data, memory.size);
    oai_stream_set_server(&stream, {what.url.data(), what.url.size()}, {what.key.data(), what.key.size()});
    const oai_timeouts timeouts = {1000, 2000, 3000, 4000, 5000};
    oai_stream_set_timeouts(&stream, &timeouts);
    if (what.has_retries) oai_stream_set_retries(&stream, 1);
    const oai_text text = {what.text.data(), what.text.size()}, extra = {what.extra.data(), what.extra.size()};
    oai_message message;
    oai_message_init(&message, OAI_ROLE_USER, text);
    oai_chat chat = {};
    chat.model = oai_str("m");
    chat.messages = &message;
    chat.message_count = 1;
    chat.extra_json = extra;
    Heard heard(memory);
    char body[400];
    const size_t size = oai_chat_write_json(&chat, body, sizeof body);
    heard.add(static_cast<int32_t>(size));
    heard.add(what.is_json ? oai_stream_open_json(&stream, oai_str("/x"), extra, OAI_API_RESPONSES)
                           : oai_stream_open(&stream, &chat));
    talk(heard, [&](Heard& to) {
        oai_event event;
        if (oai_stream_next(&stream, &event) == 0) return false;
        to.add(event);
        return true;
    });
    oai_failure failure;
    oai_stream_failure(&stream, &failure);
    heard.add(failure);
    heard.add(oai_stream_error(&stream));
    heard.add(oai_stream_verdict(&stream));
    char words[300];
    heard.add(oai_stream_explain(&stream, words, sizeof words));
    oai_stream_end(&stream);
    oai_stream_end(&stream);
    return heard.value() ^ link.asked.value();
}
uint64_t talk_in_cpp(const Conversation& what, Link link, oai::Buffer memory) {
    struct Functions {
        Link& link;
        static oai::IoResult moved(int32_t said) {
            return said > 0 ? oai::IoResult::bytes(static_cast<size_t>(said))
                   : said == 0 ? oai::IoResult::would_block()
                   : said == -1 ? oai::IoResult::closed()
                                : oai::IoResult::failed(said);
        }
        oai::IoResult pull(char* into, size_t room) { return moved(link.pull(into, room)); }
        oai::IoResult push(const char* from, size_t count) { return moved(link.push(from, count)); }
        oai::IoResult dial(oai::StringView host, uint16_t port) {
            const int32_t said = link.dial(host.data(), host.size(), port);
            return said == OAI_IO_READY        ? oai::IoResult::ready()
                   : said == OAI_IO_UNRESOLVED ? oai::IoResult::unresolved(said)
                                               : oai::IoResult::failed(said);
        }
        oai::IoResult wait(oai::Interest, uint32_t ms) {
            link.wait(ms);
            return oai::IoResult::would_block();
        }
        uint32_t now_ms() { return link.now; }
    } functions = {link};
    oai::Timeouts timeouts;
    timeouts.connect_ms = 1000, timeouts.headers_ms = 2000, timeouts.idle_ms = 3000;
    timeouts.content_ms = 4000, timeouts.total_ms = 5000;
    oai::Stream stream(oai::transport_of(functions), memory, timeouts);
    oai::RetryPolicy retries;
    retries.max_retries = 1;
    if (what.has_retries) stream.use(retries);
    const oai::Endpoint server(what.url, what.key);
    const oai::Message message(oai::Role::user, what.text);
    oai::ChatRequest chat("m", oai::List<oai::Message>(&message, 1));
    chat.extra_json = oai::JsonMembers(what.extra);
    Heard heard(memory);
    oai::RequestWriter writer;
    char body[64];
    size_t size = 0;
    if (writer.begin_body(chat) == oai::Error::none)
        while (const size_t count = (writer.write)(body, sizeof body)) size += count;
    heard.add(static_cast<int32_t>(writer.finished() ? size : 0));
    const oai::RawRequest json("/x", what.extra, oai::Api::responses);
    heard.add(static_cast<int32_t>(what.is_json ? stream.open(server, json) : stream.open(server, chat)));
    talk(heard, [&](Heard& to) {
        oai::Event event;
        if (!stream.next(event)) return false;
        to.add(event);
        return true;
    });
    heard.add(stream.failure());
    heard.add(static_cast<int32_t>(stream.error()));
    heard.add(static_cast<int32_t>(stream.verdict()));
    char words[300];
    heard.add(stream.explain(oai::Buffer(words)));
    return heard.value() ^ link.asked.value();
}

oai::StringView field(fuzz::Input& input) {
    const uint8_t length = input.byte();
    if (length % 16 == 15) return {};
    const fuzz::Bytes bytes = input.take(length % 32u);
    return {bytes.data, bytes.size};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static char script[2500];
    fuzz::Input input(data, size);
    const uint8_t flags = input.byte(), place = input.byte(), cut = input.byte();
    const size_t buffer_bytes = fuzz::buffer_size(place);
    if ((flags & 2) == 0) {
        const fuzz::Bytes bytes = {script, fuzz::expand(input, script, sizeof script)};
        const Choices choices = {(flags & 1) != 0, (flags & 4) != 0 ? 429 : 200, cut, (flags & 8) != 0,
                                 static_cast<uint8_t>(flags >> 5)};
        const oai::Buffer memory = fuzz::memory_of(buffer_bytes);
        const uint64_t in_c = body_of_c(choices, bytes, memory);
        check(in_c == body_of_cpp(choices, bytes, fuzz::memory_of(buffer_bytes)), "C and C++ say different things of a body");
        fuzz::check_front(memory);
        return 0;
    }
    Conversation what = {"http://h.example/v1", "k", "Hello", "\"n\":1", (flags & 4) != 0, (flags & 1) != 0};
    if (what.is_json) what.extra = "{\"n\":1}";
    if ((flags & 8) != 0) {
        what.url = field(input);
        what.key = field(input);
        what.text = field(input);
        what.extra = field(input);
    }
    const uint8_t nature = (flags & 0x10) != 0 ? input.byte() : 0;
    const fuzz::Bytes bytes = {script, fuzz::expand(input, script, sizeof script)};
    const Link link = {bytes, fuzz::Cuts(cut), nature, 0, {}};
    const oai::Buffer memory = fuzz::memory_of(buffer_bytes);
    const uint64_t in_c = talk_in_c(what, link, memory);
    check(in_c == talk_in_cpp(what, link, fuzz::memory_of(buffer_bytes)), "C and C++ say different things of a conversation");
    fuzz::check_front(memory);
    return 0;
}
