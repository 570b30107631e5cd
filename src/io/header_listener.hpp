#pragma once
// Who reads a response's head besides the Exchange itself: limits, times, a log.
#include "../http/response_parser.hpp"

OPENAI_STREAM_BEGIN

// on_header() is called for each field of the response's head, with its name and value in pieces (field_name,
// field_value; any other ParseEvent is to be passed over).
struct HeaderListener {
    using OnHeader = void (*)(HeaderListener& self, http::ParseEvent part, const http::ResponseParser& found);

    constexpr explicit HeaderListener(OnHeader what_to_do) noexcept : on_header(what_to_do) {}
    // A copy listens to nothing yet, and what is assigned to goes on.
    constexpr HeaderListener(const HeaderListener& other) noexcept : on_header(other.on_header) {}
    HeaderListener& operator=(const HeaderListener& other) noexcept {
        on_header = other.on_header;
        return *this;
    }

    OnHeader on_header;
    HeaderListener* next = nullptr;  // of the same answer
};

OPENAI_STREAM_END
