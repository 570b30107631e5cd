// Us: an Exchange, which follows HTTP/1.1, the event stream and the API, and delivers all of its events.
#include BENCH_HEADER

#include "harness.hpp"

namespace oai = openai_stream;

class Reader {
public:
    Reader(bool is_responses, bool is_http) {
        exchange_.set_memory(memory_);
        oai::Error error = oai::Error::none;
        const oai::Api api = is_responses ? oai::Api::responses : oai::Api::chat;
        if (!is_http) error = exchange_.begin_body(api, 200, "text/event-stream");
        else if (is_responses) error = exchange_.begin(server_, responses_);
        else error = exchange_.begin(server_, chat_);
        if (error != oai::Error::none) exit(3);
        for (oai::StringView bytes; !(bytes = exchange_.outgoing()).empty();) exchange_.sent(bytes.size());
    }

    __attribute__((noinline)) bool feed(outside::Link& link, outside::Text& text) {
        oai::Event event;
        while (true) {
            const oai::Poll state = exchange_.poll(event);
            if (state == oai::Poll::event) {
                const oai::EventKind kind = event.kind;
                if (kind == oai::EventKind::text || kind == oai::EventKind::reasoning ||
                    kind == oai::EventKind::tool_arguments)
                    text.add(event.text.data(), event.text.size());
                continue;
            }
            if (state != oai::Poll::pending) return state == oai::Poll::done;
            const oai::Buffer room = exchange_.incoming();
            const size_t count = room.size != 0 ? link.read(room.data, room.size) : 0;
            if (count != 0) exchange_.received(count);
            else exchange_.ended();
        }
    }

private:
    char memory_[outside::buffer_bytes];
    oai::Exchange exchange_;
    oai::Endpoint server_{"http://localhost:8080/v1"};
    oai::ChatRequest chat_{"gpt-4o-mini", "Why is the sky blue?"};
    oai::ResponseRequest responses_{"gpt-4o-mini", "Why is the sky blue?"};
};

int main(int argc, char** argv) { return outside::run<Reader>(argc, argv); }
