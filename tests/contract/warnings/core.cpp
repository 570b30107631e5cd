// Everything of the core that only exists where it is used. No system header: this is also compiled for bare metal.
#include "openai_stream.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char*, size_t) { return oai::IoResult::would_block(); }
    oai::IoResult push(const char*, size_t count) { return oai::IoResult::bytes(count); }
    void hang_up() {}
    oai::IoResult dial(oai::StringView, uint16_t) { return oai::IoResult::ready(); }
    oai::IoResult wait(oai::Interest, uint32_t) { return oai::IoResult::ready(); }
    void wake() {}
    uint32_t now_ms() { return 0; }
    bool secure() const { return false; }
};

struct Text {
    const char* data() const { return "text"; }
    size_t size() const { return 4; }
};

struct Out {
    Out& write(const char*, size_t) { return *this; }
};

oai::Transport use_transport(Link& link) { return oai::transport_of(link); }

bool use_views(const Text& text, Out& out) {
    const oai::StringView view = text;
    out << view << oai::StringView("literal");
    static char memory[16];
    static const int numbers[] = {1, 2, 3};
    const oai::Buffer buffer = memory;
    const oai::Span<const int> span = numbers;
    bool above = false;
    return view == text && view != "other" && buffer.size != 0 && span[1] == 2 &&
           oai::detail::scan::line_end(view.begin(), view.end()) ==
               oai::detail::scan::string_stop(view.begin(), view.end(), above) &&
           oai::category(oai::Error::none) == oai::ErrorCategory::none && oai::describe(oai::Error::none) != nullptr;
}

bool use_stream(Link& link, oai::Buffer memory, oai::StringView url) {
    static const oai::Message messages[] = {oai::Message::system("Be brief."), oai::Message::user("Why?")};
    const oai::Endpoint endpoint(url);
    oai::ChatRequest request("model", "question");
    request.messages = messages;
    oai::Stream stream(oai::transport_of(link), memory);
    stream.open(endpoint, request);
    for (const oai::Event& event : stream)
        if (event.kind == oai::EventKind::text && event.text == "enough") stream.cancel();
    oai::SseEvent raw;
    oai::Event event;
    while (stream.poll(event) == oai::Poll::event || stream.poll(raw) == oai::Poll::event) {}
    stream.next(event);
    stream.close();
    oai::Stream other = static_cast<oai::Stream&&>(stream);
    other = oai::Stream();
    return other.error() == oai::Error::none && other.failure().message.empty() && other.stats().received_bytes == 0 &&
           other.verdict() == oai::Verdict::still_open && other.wants() == oai::Interest::none;
}

oai::Poll use_exchange(oai::Buffer memory, const oai::Endpoint& endpoint, const oai::ChatRequest& request) {
    oai::Exchange exchange(memory);
    exchange.begin(endpoint, request);
    exchange.sent(exchange.outgoing().size());
    exchange.begin_body(oai::Api::chat, 200, "text/event-stream");
    exchange.received(exchange.incoming().size);
    exchange.ended();
    exchange.failed(1);
    oai::Event event;
    return exchange.poll(event);
}

oai::Error use_collector(oai::Stream& stream, oai::Buffer memory) {
    oai::Collector message(memory);
    for (const oai::Event& event : stream) {
        message.add(event);
        for (const oai::MessagePart& part : message.just_finished())
            if (part.can_run() && part.text == message.text(part.choice)) stream.cancel();
    }
    message.end(stream.verdict());
    const oai::Message messages[] = {message.as_message(), oai::Message::tool(message.id(), message.reasoning())};
    const oai::ChatRequest next(message.model(), messages);
    const bool is_good = message.is_complete() && message.finish_reason() == oai::FinishReason::stop &&
                         message.usage().total_tokens > 0 && message.choice_at(message.choice_count()) == -1;
    return is_good && message.release_unused().size > 0 ? next.validate() : message.error();
}
