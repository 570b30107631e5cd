#pragma once
// Images, POST /images/generations and /images/edits with "stream": true (OpenAPI 2.3.0, ImageGenStreamEvent and
// ImageEditStreamEvent): each image in base64, as EventKind::image.
#include "typed_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr EventType image_event_types[] = {
    {"generation.partial_image", says_piece, TextRole::partial_image},
    {"generation.completed", says_whole | says_ends, TextRole::picture},
    {"edit.partial_image", says_piece, TextRole::partial_image},
    {"edit.completed", says_whole | says_ends, TextRole::picture},
};
inline constexpr json::Row image_own_rows[] = {
    {"b64_json", response_first_text, skipped, json::ReadMode::pieces},
    {"partial_image_index", response_content_index},
    {"created_at", created_at},
    // An answer that was not streamed.
    {"created", created_at},
    {"data", ignored, response_item, json::ReadMode::deferred},
};
inline constexpr json::Row image_item_rows[] = {{"b64_json", response_item_picture, skipped, json::ReadMode::pieces}};
inline constexpr ResponseContextTable image_contexts =
    ResponseContextTable()
        .with<image_own_rows, typed_member_rows, typed_error_rows>(response_event)
        .with<image_item_rows>(response_item)
        .with<response_usage_rows>(response_usage);
inline constexpr TypedDialect images(image_contexts, EventTypes::of<image_event_types>(), {"image_", 6},
                                     {says_ends, TextRole::none});

}  // namespace dialect

OPENAI_STREAM_END
