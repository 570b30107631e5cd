#pragma once
// Requests for images: POST /images/generations, and POST /images/edits, which is a form. Views of the caller's memory,
// as long as a ChatRequest's; what images are read from, too.
#include "form.hpp"
#include "raw_json.hpp"
#include "tristate.hpp"

OPENAI_STREAM_BEGIN

// What both have. Texts are the API's own words, which grow from model to model; null: the server's choice.
struct ImageOptions {
    int64_t partial_images = unset_number;  // 0 to 3, that come before the image is complete
    int64_t n = unset_number;
    StringView size;           // "1024x1024", "auto"
    StringView quality;        // "low", "medium", "high", "auto"
    StringView background;     // "transparent", "opaque", "auto"
    StringView output_format;  // "png", "jpeg", "webp", "gif", "svg"
    int64_t output_compression = unset_number;  // in per cent
    StringView response_format;                 // of older models: "url", "b64_json"
    StringView complexity;                      // "low", "medium", "high"
    int64_t frame_count = unset_number, frame_duration_ms = unset_number;  // of an image that moves
    StringView svg_model, svg_effort;  // who draws an SVG, and how hard it thinks
    StringView safety_identifier, user;
};

// A new image.
struct ImageRequest {
    StringView model;  // null: the server's choice
    StringView prompt;
    Tristate stream = Tristate::yes;
    StringView moderation;  // "low", "auto"
    StringView style;       // of older models: "vivid", "natural"
    ImageOptions options;
    JsonMembers extra_json;  // further members, as in ChatRequest

    static constexpr const char* path = "/images/generations";

    constexpr ImageRequest() noexcept = default;
    constexpr ImageRequest(StringView model_name OPENAI_STREAM_BORROWED,
                           StringView text OPENAI_STREAM_BORROWED) noexcept
        : model(model_name), prompt(text) {}

    // Error::bad_request_field without a prompt, or with an effort of a model that is not named.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept {
        const bool has_nobody = options.svg_effort.data() && !options.svg_model.data();
        return prompt.empty() ? "prompt" : has_nobody ? "svg_model" : nullptr;
    }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;
};

// Images that are changed, or put together to a new one.
struct ImageEditRequest {
    StringView model;  // null: the server's choice
    StringView prompt;
    List<Upload> images;
    Upload mask;    // its transparent parts are where the first image is changed
    Upload markup;  // what is drawn on it says what to change
    Tristate stream = Tristate::yes;
    StringView input_fidelity;  // "high", "low"
    ImageOptions options;
    List<FormField> extra_fields;  // what only one server knows
    mutable detail::FormBoundary boundary;

    static constexpr const char* path = "/images/edits";

    constexpr ImageEditRequest() noexcept = default;
    constexpr ImageEditRequest(StringView model_name, StringView text, List<Upload> originals) noexcept
        : model(model_name), prompt(text), images(originals) {}

    // Error::bad_request_field without a prompt or an image.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept {
        return prompt.empty() ? "prompt" : images.empty() ? "image" : nullptr;
    }
    // The body of this request, which must outlive the BodySource. Reads the images, to find a boundary.
    inline detail::BodySource form() const noexcept;
};

namespace detail::images {

constexpr size_t in_json(size_t offset) noexcept { return offsetof(ImageRequest, options) + offset; }
constexpr size_t in_form(size_t offset) noexcept { return offsetof(ImageEditRequest, options) + offset; }

inline void end_svg(const void* object, Fragment& piece) noexcept {
    const ImageOptions& options = static_cast<const ImageRequest*>(object)->options;
    if (options.svg_model.data()) piece.before = options.svg_effort.data() ? "}}" : "}";
}

inline constexpr FieldDescriptor json_rows[] = {
    {"{\"prompt\":", FieldType::string, offsetof(ImageRequest, prompt)},
    {",\"model\":", FieldType::optional_string, offsetof(ImageRequest, model)},
    {",\"stream\":\0false\0true\0", FieldType::enumeration, offsetof(ImageRequest, stream)},
    {",\"moderation\":", FieldType::optional_string, offsetof(ImageRequest, moderation)},
    {",\"style\":", FieldType::optional_string, offsetof(ImageRequest, style)},
    {",\"partial_images\":", FieldType::integer, in_json(offsetof(ImageOptions, partial_images))},
    {",\"n\":", FieldType::integer, in_json(offsetof(ImageOptions, n))},
    {",\"size\":", FieldType::optional_string, in_json(offsetof(ImageOptions, size))},
    {",\"quality\":", FieldType::optional_string, in_json(offsetof(ImageOptions, quality))},
    {",\"background\":", FieldType::optional_string, in_json(offsetof(ImageOptions, background))},
    {",\"output_format\":", FieldType::optional_string, in_json(offsetof(ImageOptions, output_format))},
    {",\"output_compression\":", FieldType::integer, in_json(offsetof(ImageOptions, output_compression))},
    {",\"response_format\":", FieldType::optional_string, in_json(offsetof(ImageOptions, response_format))},
    {",\"complexity\":", FieldType::optional_string, in_json(offsetof(ImageOptions, complexity))},
    {",\"frame_count\":", FieldType::integer, in_json(offsetof(ImageOptions, frame_count))},
    {",\"frame_duration_ms\":", FieldType::integer, in_json(offsetof(ImageOptions, frame_duration_ms))},
    {",\"svg\":{\"model\":", FieldType::optional_string, in_json(offsetof(ImageOptions, svg_model))},
    {",\"reasoning\":{\"effort\":", FieldType::optional_string, in_json(offsetof(ImageOptions, svg_effort))},
    end_svg,
    {",\"safety_identifier\":", FieldType::optional_string, in_json(offsetof(ImageOptions, safety_identifier))},
    {",\"user\":", FieldType::optional_string, in_json(offsetof(ImageOptions, user))},
    {",", FieldType::checked, offsetof(ImageRequest, extra_json)},
    {"}", FieldType::end},
};

inline constexpr FieldDescriptor form_rows[] = {
    {"", FieldType::literal, offsetof(ImageEditRequest, boundary)},
    {"prompt\"\r\n\r\n", FieldType::optional_string, offsetof(ImageEditRequest, prompt)},
    {"model\"\r\n\r\n", FieldType::optional_string, offsetof(ImageEditRequest, model)},
    {"stream\"\r\n\r\n\0false\0true\0", FieldType::enumeration, offsetof(ImageEditRequest, stream)},
    {"input_fidelity\"\r\n\r\n", FieldType::optional_string, offsetof(ImageEditRequest, input_fidelity)},
    {"partial_images\"\r\n\r\n", FieldType::integer, in_form(offsetof(ImageOptions, partial_images))},
    {"n\"\r\n\r\n", FieldType::integer, in_form(offsetof(ImageOptions, n))},
    {"size\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, size))},
    {"quality\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, quality))},
    {"background\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, background))},
    {"output_format\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, output_format))},
    {"output_compression\"\r\n\r\n", FieldType::integer, in_form(offsetof(ImageOptions, output_compression))},
    {"response_format\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, response_format))},
    {"complexity\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, complexity))},
    {"frame_count\"\r\n\r\n", FieldType::integer, in_form(offsetof(ImageOptions, frame_count))},
    {"frame_duration_ms\"\r\n\r\n", FieldType::integer, in_form(offsetof(ImageOptions, frame_duration_ms))},
    {"svg[model]\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, svg_model))},
    {"svg[reasoning][effort]\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, svg_effort))},
    {"safety_identifier\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, safety_identifier))},
    {"user\"\r\n\r\n", FieldType::optional_string, in_form(offsetof(ImageOptions, user))},
    {"", FieldType::list, offsetof(ImageEditRequest, extra_fields)},
    {"image[]\"; filename=\"", FieldType::list, offsetof(ImageEditRequest, images)},
    {"mask\"; filename=\"", FieldType::object, offsetof(ImageEditRequest, mask)},
    {"markup\"; filename=\"", FieldType::object, offsetof(ImageEditRequest, markup)},
    {"", FieldType::end},
};

}  // namespace detail::images

inline detail::BodySource ImageRequest::body() const noexcept {
    return {this, detail::next, detail::images::json_rows};
}
inline detail::BodySource ImageEditRequest::form() const noexcept {
    return detail::form::begin(*this, detail::images::form_rows, boundary);
}

OPENAI_STREAM_END
