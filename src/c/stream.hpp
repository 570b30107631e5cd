#pragma once
// oai_stream: a Stream with its Endpoint, its request and its limits in one storage, over functions of C.
#include "../io/retry_policy.hpp"
#include "../io/stream.hpp"
#include "../io/timeouts.hpp"
#include "request.hpp"

#if defined(OPENAI_STREAM_C_API)
OPENAI_STREAM_BEGIN
namespace detail::c {

class Talk {
public:
    void begin(const oai_transport* functions, Buffer buffer) noexcept {
        if (functions) functions_ = *functions;
        Transport link;
        link.context = this;
        if (functions_.pull) link.pull = pull;
        if (functions_.push) link.push = push;
        if (functions_.hang_up) link.hang_up = hang_up;
        if (functions_.dial) link.dial = dial;
        if (functions_.resolve) link.resolve = resolve;
        if (functions_.wait) link.wait = wait;
        if (functions_.wake) link.wake = wake;
        if (functions_.now_ms) link.now_ms = now_ms;
        if (functions_.explain) link.explain = explain;
        link.secure = functions_.secure != 0;
        begin(link, buffer);
    }
    void begin(const Transport& link, Buffer buffer) noexcept { stream = Stream(link, buffer, timeouts); }

    // The Endpoint is the Stream's while it is open.
    Error set_server(StringView url, StringView key) noexcept {
        if (calls_ != 0 || (stream.verdict() == Verdict::still_open && stream.error() == Error::none))
            return Error::reentered;
        stream.close();  // a kept connection may lead elsewhere
        server_ = Endpoint(url, key);
        return Error::none;
    }
    void set_retries(uint32_t count) noexcept {
        retries_.max_retries = count;
        stream.use(retries_);
    }
    Error open(const ChatRequest& request) noexcept {
        if (calls_ != 0) return Error::reentered;
        chat_ = request;
        return stream.open(server_, chat_);
    }
    Error open(const RawRequest& request) noexcept {
        if (calls_ != 0) return Error::reentered;
        raw_ = request;
        return stream.open(server_, raw_);
    }
    // One of the program's functions is running.
    bool is_inside() const noexcept { return calls_ != 0; }

    Timeouts timeouts;
    Stream stream;

private:
    struct Call {
        explicit Call(void* self) noexcept : talk(*static_cast<Talk*>(self)) { ++talk.calls_; }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        ~Call() { --talk.calls_; }
        const oai_transport* operator->() const noexcept { return &talk.functions_; }
        void* context() const noexcept { return talk.functions_.context; }
        Talk& talk;
    };

    static IoResult failed(int32_t said) noexcept {
        return said == OAI_IO_UNRESOLVED ? IoResult::unresolved(said) : IoResult::failed(said);
    }
    // Of pull and push.
    static IoResult moved(int32_t said) noexcept {
        return said > 0                         ? IoResult::bytes(static_cast<size_t>(said))
               : said == OAI_IO_WOULD_BLOCK ? IoResult::would_block()
               : said == OAI_IO_CLOSED      ? IoResult::closed()
                                            : IoResult::failed(said);
    }
    // Of the others.
    static IoResult went(int32_t said) noexcept {
        return said == OAI_IO_WOULD_BLOCK ? IoResult::would_block() : said > 0 ? IoResult::ready() : failed(said);
    }
    static size_t at_most(size_t count) noexcept { return count < 0x3fffffff ? count : 0x3fffffff; }

    static IoResult pull(void* self, char* into, size_t room) {
        const Call call(self);
        return moved(call->pull(call.context(), into, at_most(room)));
    }
    static IoResult push(void* self, const char* from, size_t count) {
        const Call call(self);
        return moved(call->push(call.context(), from, at_most(count)));
    }
    static void hang_up(void* self) {
        const Call call(self);
        call->hang_up(call.context());
    }
    // The host has a NUL after it: see ServerKey.
    static IoResult dial(void* self, StringView host, uint16_t port) {
        const Call call(self);
        return went(call->dial(call.context(), host.data(), host.size(), port));
    }
    static IoResult resolve(void* self, StringView host, uint16_t port) {
        const Call call(self);
        return went(call->resolve(call.context(), host.data(), host.size(), port));
    }
    static IoResult wait(void* self, Interest interest, uint32_t milliseconds) {
        const Call call(self);
        return went(call->wait(call.context(), static_cast<int32_t>(interest), milliseconds));
    }
    static void wake(void* self) {  // may come from anywhere: counts nothing
        const oai_transport& functions = static_cast<Talk*>(self)->functions_;
        functions.wake(functions.context);
    }
    static uint32_t now_ms(void* self) {
        const oai_transport& functions = static_cast<Talk*>(self)->functions_;
        return functions.now_ms(functions.context);
    }
    static const char* explain(void* self, IoResult io, Buffer memory) {
        const oai_transport& functions = static_cast<Talk*>(self)->functions_;
        return functions.explain(functions.context, io.code(), memory.data, memory.size);
    }
    oai_transport functions_ = {};
    RetryPolicy retries_;
    Endpoint server_;
    ChatRequest chat_;
    RawRequest raw_;
    uint8_t calls_ = 0;
};

using Streams = Placed<Talk, oai_stream>;

}  // namespace detail::c
OPENAI_STREAM_END

extern "C" {

void oai_stream_init(oai_stream* stream, const oai_transport* transport, void* memory, size_t size) {
    namespace c = openai_stream::detail::c;
    const c::Talk* const old = c::Streams::find(stream);
    if (old && old->is_inside()) return;
    c::Talk* const talk = c::Streams::make(stream);
    if (talk) talk->begin(transport, c::memory(memory, size));
}
void oai_stream_end(oai_stream* stream) {
    namespace c = openai_stream::detail::c;
    c::Talk* const talk = c::Streams::find(stream);
    if (talk && talk->is_inside()) talk->stream.close();  // its caller is still in there
    else c::Streams::end(stream);
}

int32_t oai_stream_set_server(oai_stream* stream, oai_text url, oai_text key) {
    namespace c = openai_stream::detail::c;
    c::Talk* const talk = c::Streams::find(stream);
    return talk ? static_cast<int32_t>(talk->set_server(c::view(url), c::view(key))) : int32_t{OAI_ERROR_NOT_OPEN};
}
void oai_stream_set_timeouts(oai_stream* stream, const oai_timeouts* timeouts) {
    openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    if (!talk || !timeouts) return;
    talk->timeouts.connect_ms = timeouts->connect_ms;
    talk->timeouts.headers_ms = timeouts->headers_ms;
    talk->timeouts.idle_ms = timeouts->idle_ms;
    talk->timeouts.content_ms = timeouts->content_ms;
    talk->timeouts.total_ms = timeouts->total_ms;
}
void oai_stream_set_retries(oai_stream* stream, uint32_t count) {
    openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    if (talk) talk->set_retries(count);
}

int32_t oai_stream_open(oai_stream* stream, const oai_chat* chat) {
    namespace c = openai_stream::detail::c;
    c::Talk* const talk = c::Streams::find(stream);
    return talk ? static_cast<int32_t>(talk->open(c::request(chat))) : int32_t{OAI_ERROR_NOT_OPEN};
}
int32_t oai_stream_open_json(oai_stream* stream, oai_text path, oai_text json, int32_t api) {
    namespace c = openai_stream::detail::c;
    c::Talk* const talk = c::Streams::find(stream);
    if (!talk) return OAI_ERROR_NOT_OPEN;
    return static_cast<int32_t>(talk->open(openai_stream::RawRequest(c::view(path), c::view(json), c::api(api))));
}

int32_t oai_stream_poll(oai_stream* stream, oai_event* into) {
    openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    if (!talk || !into) return OAI_POLL_FAILED;
    openai_stream::Event event;
    const openai_stream::Poll said = (talk->stream.poll)(event);
    if (said == openai_stream::Poll::event) openai_stream::detail::c::put(event, into);
    return static_cast<int32_t>(said);
}
int32_t oai_stream_next(oai_stream* stream, oai_event* into) {
    openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    openai_stream::Event event;
    if (!talk || !into || !talk->stream.next(event)) return 0;
    openai_stream::detail::c::put(event, into);
    return 1;
}
int32_t oai_stream_wants(const oai_stream* stream) {
    const openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    return talk ? static_cast<int32_t>(talk->stream.wants()) : int32_t{OAI_INTEREST_NONE};
}
uint32_t oai_stream_next_deadline_ms(const oai_stream* stream) {
    const openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    return talk ? talk->stream.next_deadline_ms() : UINT32_MAX;
}

void oai_stream_close(oai_stream* stream) {
    openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    if (talk) talk->stream.close();
}
void oai_stream_cancel(oai_stream* stream) {
    openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    if (talk) talk->stream.cancel();
}

int32_t oai_stream_error(const oai_stream* stream) {
    const openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    return talk ? static_cast<int32_t>(talk->stream.error()) : int32_t{OAI_ERROR_NOT_OPEN};
}
int32_t oai_stream_verdict(const oai_stream* stream) {
    const openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    return talk ? static_cast<int32_t>(talk->stream.verdict()) : int32_t{OAI_VERDICT_FAILED};
}
void oai_stream_failure(const oai_stream* stream, oai_failure* into) {
    const openai_stream::detail::c::Talk* const talk = openai_stream::detail::c::Streams::find(stream);
    openai_stream::Failure none;
    none.error = openai_stream::Error::not_open;
    none.category = openai_stream::ErrorCategory::caller;
    if (into) openai_stream::detail::c::put(talk ? talk->stream.failure() : none, into);
}
const char* oai_stream_explain(const oai_stream* stream, char* into, size_t room) {
    namespace c = openai_stream::detail::c;
    const c::Talk* const talk = c::Streams::find(stream);
    return talk ? talk->stream.explain(c::memory(into, room)) : oai_describe(OAI_ERROR_NOT_OPEN);
}

}
#endif
