#pragma once
// What can be asked about a response that the server has: the rest of its events, and to stop. Requests without a body.
// Views of the caller's memory, as long as a ResponseRequest's.
#include "../http/path_segment.hpp"
#include "../http/request_head.hpp"
#include "tristate.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// An id as a part of a path: what may not stand there as it is (anything but unreserved, RFC 3986 section 2.3) is sent
// percent-encoded.
struct PathSegment : Elements {
    constexpr PathSegment() noexcept = default;
    template <class T, class = decltype(StringView(declval<T>()))>
    constexpr PathSegment(T&& text) noexcept : PathSegment(StringView(static_cast<T&&>(text)), 0) {}

    // Error::bad_request_field if it is empty, "." or "..", which would be another path.
    Error validate() const noexcept {
        const bool is_none = http::is_no_segment(StringView(static_cast<const char*>(data), size));
        return is_none ? Error::bad_request_field : Error::none;
    }

private:
    constexpr PathSegment(StringView text, int) noexcept : Elements{text.data(), &http::byte_descriptor, text.size()} {}
};

}  // namespace detail

namespace detail::responses {

inline constexpr FieldDescriptor include_rows[] = {
    "&include%5B%5D=",  // include[]
    {"", FieldType::plain, 0},
    {"", FieldType::end},
};
inline constexpr MessageDescriptor include_descriptor =
    MessageDescriptor::of<StringView>(include_rows, ListStyle::lines);

}  // namespace detail::responses

// The events of a response that is being made in the background, or was: GET /responses/{id}.
struct RetrieveRequest {
    detail::PathSegment id;
    // Only the events after the one with this sequence number: with Event::sequence_number of the last one that came, a
    // conversation goes on where it was cut.
    int64_t starting_after = unset_number;
    Tristate include_obfuscation = Tristate::unset;
    // As in ResponseOptions. Letters, digits and "-._~" only, or it is Error::bad_request_field.
    struct Include : detail::Elements {
        constexpr Include() noexcept = default;
        template <class C, class = decltype(List<StringView>(detail::declval<C>()))>
        constexpr Include(C&& names) noexcept : Include(List<StringView>(names), 0) {}

    private:
        constexpr Include(List<StringView> names, int) noexcept
            : Elements{names.data, &detail::responses::include_descriptor, names.size} {}
    } include;

    constexpr RetrieveRequest() noexcept = default;
    constexpr explicit RetrieveRequest(StringView response_id, int64_t last_sequence_number = unset_number) noexcept
        : id(response_id), starting_after(last_sequence_number) {}

    Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    const char* invalid_field() const noexcept {
        const StringView* const names = static_cast<const StringView*>(include.data);
        for (size_t i = 0; i != include.size; ++i)
            for (const char c : names[i])
                if (!http::is_unreserved(c)) return "include";
        return id.validate() != Error::none ? "id" : nullptr;
    }
    http::RequestWithoutBody head() const noexcept { return {http::Method::get, true, {this, &descriptor, 1}}; }

private:
    static const detail::MessageDescriptor descriptor;
};

// Stops a response that is being made in the background: POST /responses/{id}/cancel. The answer is the response as far
// as it has come.
struct CancelRequest {
    detail::PathSegment id;

    constexpr CancelRequest() noexcept = default;
    constexpr explicit CancelRequest(StringView response_id) noexcept : id(response_id) {}

    Error validate() const noexcept { return id.validate(); }
    // The field that is missing or cannot be sent; null: none.
    const char* invalid_field() const noexcept { return validate() != Error::none ? "id" : nullptr; }
    http::RequestWithoutBody head() const noexcept { return {http::Method::post, false, {this, &descriptor, 1}}; }

private:
    static const detail::MessageDescriptor descriptor;
};

namespace detail::responses {

inline constexpr FieldDescriptor retrieve_rows[] = {
    "/responses/",
    {"", FieldType::list, offsetof(RetrieveRequest, id)},
    "?stream=true",
    {"&starting_after=", FieldType::integer, offsetof(RetrieveRequest, starting_after)},
    {"&include_obfuscation=\0false\0true\0", FieldType::enumeration,
     offsetof(RetrieveRequest, include_obfuscation)},
    {"", FieldType::list, offsetof(RetrieveRequest, include)},
    {"", FieldType::end},
};
inline constexpr FieldDescriptor cancel_rows[] = {
    "/responses/",
    {"", FieldType::list, offsetof(CancelRequest, id)},
    {"/cancel", FieldType::end},
};

}  // namespace detail::responses

inline constexpr detail::MessageDescriptor RetrieveRequest::descriptor =
    detail::MessageDescriptor::of<RetrieveRequest>(detail::responses::retrieve_rows, detail::ListStyle::lines);
inline constexpr detail::MessageDescriptor CancelRequest::descriptor =
    detail::MessageDescriptor::of<CancelRequest>(detail::responses::cancel_rows, detail::ListStyle::lines);

OPENAI_STREAM_END
