#pragma once
// What models there are: GET /models. Each id comes as EventKind::text, whole unless Event::more says otherwise.
#include "../http/request_head.hpp"

OPENAI_STREAM_BEGIN

struct ListModels {
    constexpr Error validate() const noexcept { return Error::none; }
    constexpr const char* invalid_field() const noexcept { return nullptr; }
    http::RequestWithoutBody head() const noexcept { return {http::Method::get, false, {this, &descriptor, 1}}; }

private:
    static const detail::MessageDescriptor descriptor;
};

namespace detail::models {
inline constexpr FieldDescriptor list_rows[] = {{"/models", FieldType::end}};
}  // namespace detail::models

inline constexpr detail::MessageDescriptor ListModels::descriptor =
    detail::MessageDescriptor::of<ListModels>(detail::models::list_rows, detail::ListStyle::lines);

OPENAI_STREAM_END
