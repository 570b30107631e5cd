#pragma once
// oai_body: an Exchange that is fed by an HTTP client of the program's own.
#include "../io/exchange_events.hpp"
#include "../io/exchange_failure.hpp"
#include "../io/exchange_input.hpp"
#include "../io/exchange_request.hpp"
#include "objects.hpp"

#if defined(OPENAI_STREAM_C_API)
OPENAI_STREAM_BEGIN
namespace detail::c {

struct Reading {
    template <class Feed> Poll deliver(oai_on_event on_event, void* context, Feed feed) noexcept {
        if (is_inside) return Poll::failed;
        is_inside = true;
        const Poll said = feed([&](const Event& event) {
            oai_event copy;
            put(event, &copy);
            if (on_event) on_event(context, &copy);
        });
        is_inside = false;
        return said;
    }

    Exchange exchange;
    bool is_inside = false;  // on_event is running
};

using Bodies = Placed<Reading, oai_body>;

}  // namespace detail::c
OPENAI_STREAM_END

extern "C" {

void oai_body_init(oai_body* body, void* memory, size_t size) {
    namespace c = openai_stream::detail::c;
    const c::Reading* const old = c::Bodies::find(body);
    if (old && old->is_inside) return;
    c::Reading* const reading = c::Bodies::make(body);
    if (reading) reading->exchange.set_memory(c::memory(memory, size));
}
int32_t oai_body_begin(oai_body* body, int32_t api, int32_t http_status) {
    namespace c = openai_stream::detail::c;
    c::Reading* const reading = c::Bodies::find(body);
    if (!reading) return OAI_ERROR_NOT_OPEN;
    if (reading->is_inside) return OAI_ERROR_REENTERED;
    return static_cast<int32_t>(reading->exchange.begin_body(c::api(api), http_status));
}
void oai_body_add_header(oai_body* body, oai_text name, oai_text value) {
    namespace c = openai_stream::detail::c;
    c::Reading* const reading = c::Bodies::find(body);
    if (reading) reading->exchange.add_header(c::view(name), c::view(value));
}
int32_t oai_body_feed(oai_body* body, const void* bytes, size_t count, oai_on_event on_event, void* context) {
    namespace c = openai_stream::detail::c;
    c::Reading* const reading = c::Bodies::find(body);
    if (!reading) return OAI_POLL_FAILED;
    const openai_stream::StringView text(static_cast<const char*>(bytes), bytes ? count : 0);
    return static_cast<int32_t>(
        reading->deliver(on_event, context, [&](auto&& show) { return reading->exchange.feed(text, show); }));
}
int32_t oai_body_finish(oai_body* body, oai_on_event on_event, void* context) {
    namespace c = openai_stream::detail::c;
    c::Reading* const reading = c::Bodies::find(body);
    if (!reading) return OAI_POLL_FAILED;
    return static_cast<int32_t>(
        reading->deliver(on_event, context, [&](auto&& show) { return reading->exchange.finish(show); }));
}
void oai_body_close(oai_body* body) {
    openai_stream::detail::c::Reading* const reading = openai_stream::detail::c::Bodies::find(body);
    using openai_stream::Error;
    using openai_stream::Verdict;
    if (reading) reading->exchange.stop(Verdict::closed_by_caller, Error::closed);  // also from inside on_event
}
int32_t oai_body_error(const oai_body* body) {
    const openai_stream::detail::c::Reading* const reading = openai_stream::detail::c::Bodies::find(body);
    return reading ? static_cast<int32_t>(reading->exchange.error()) : int32_t{OAI_ERROR_NOT_OPEN};
}
void oai_body_failure(const oai_body* body, oai_failure* into) {
    const openai_stream::detail::c::Reading* const reading = openai_stream::detail::c::Bodies::find(body);
    openai_stream::Failure none;
    none.error = openai_stream::Error::not_open;
    none.category = openai_stream::ErrorCategory::caller;
    if (into) openai_stream::detail::c::put(reading ? reading->exchange.failure() : none, into);
}
const char* oai_body_explain(const oai_body* body, char* into, size_t room) {
    namespace c = openai_stream::detail::c;
    const c::Reading* const reading = c::Bodies::find(body);
    if (!reading) return oai_describe(OAI_ERROR_NOT_OPEN);
    return openai_stream::explain(reading->exchange.failure(), c::memory(into, room));
}

}
#endif
