#pragma once
// What a message consists of when it is more than a text. Views of the caller's memory, as long as the request.
#include "raw_json.hpp"
#include "source.hpp"

OPENAI_STREAM_BEGIN

// How closely an image is looked at.
enum class ImageDetail : uint8_t { unset, automatic, low, high, original };

class ContentPart {
public:
    constexpr ContentPart() noexcept = default;  // an empty text

    static constexpr ContentPart text(StringView text) noexcept { return {Kind::text, text}; }
    // A URL, or the image itself: "data:image/png;base64,...".
    static constexpr ContentPart image(StringView url, ImageDetail detail = ImageDetail::unset) noexcept {
        ContentPart part(Kind::image_url, url);
        part.detail_ = detail;
        return part;
    }
    // In base64. The format ("wav", "mp3") is a text because some servers know more of them.
    static constexpr ContentPart audio(StringView base64, StringView format) noexcept {
        ContentPart part(Kind::input_audio, base64);
        part.format_ = format;
        return part;
    }
    // A file that was uploaded before.
    static constexpr ContentPart file(StringView file_id) noexcept { return {Kind::file_id, file_id}; }
    // The file itself, in base64.
    static constexpr ContentPart file(StringView filename, StringView base64) noexcept {
        ContentPart part(Kind::file_data, base64);
        part.filename_ = filename;
        return part;
    }
    // The same, of the Responses API alone: an image that was uploaded before, a file at a URL.
    static constexpr ContentPart image_file(StringView file_id, ImageDetail detail = ImageDetail::unset) noexcept {
        ContentPart part(Kind::image_file, file_id);
        part.detail_ = detail;
        return part;
    }
    static constexpr ContentPart file_at(StringView url) noexcept { return {Kind::file_url, url}; }
    // Role::assistant: it refused to answer.
    static constexpr ContentPart refusal(StringView text) noexcept { return {Kind::refusal, text}; }

    // The same from a Source, which must outlive the request: a text in UTF-8; an image or a file, which goes as
    // "data:image/png;base64,..."; a recording, in base64. It is encoded while it is sent.
    static constexpr ContentPart text(const Source& source OPENAI_STREAM_BORROWED) noexcept {
        return {Kind::text, detail::sources::write_string, source, {}};
    }
    static constexpr ContentPart image(const Source& source OPENAI_STREAM_BORROWED, StringView media_type,
                                       ImageDetail detail = ImageDetail::unset) noexcept {
        ContentPart part(Kind::image_url, detail::sources::write_base64, source, media_type);
        part.detail_ = detail;
        return part;
    }
    static constexpr ContentPart audio(const Source& source OPENAI_STREAM_BORROWED, StringView format) noexcept {
        ContentPart part(Kind::input_audio, detail::sources::write_base64, source, {});
        part.format_ = format;
        return part;
    }
    // Without a media type: base64 alone, which some servers want.
    static constexpr ContentPart file(StringView filename, const Source& source OPENAI_STREAM_BORROWED,
                                      StringView media_type) noexcept {
        ContentPart part(Kind::file_data, detail::sources::write_base64, source, media_type);
        part.filename_ = filename;
        return part;
    }
    static ContentPart text(const Source&&) = delete;  // it would be gone before it is read
    static ContentPart image(const Source&&, StringView, ImageDetail = ImageDetail::unset) = delete;
    static ContentPart audio(const Source&&, StringView) = delete;
    static ContentPart file(StringView, const Source&&, StringView) = delete;

    // The same part with one member more: ContentPart::text(rules).with_prompt_cache_breakpoint(...).
    // How closely a file is looked at (an image has a parameter for it).
    constexpr ContentPart with_detail(ImageDetail detail) const noexcept {
        ContentPart part = *this;
        part.detail_ = detail;
        return part;
    }
    // The prompt up to here shall be kept: {"mode":"explicit","ttl":"30m"}.
    constexpr ContentPart with_prompt_cache_breakpoint(JsonValue breakpoint) const noexcept {
        ContentPart part = *this;
        part.prompt_cache_breakpoint_ = breakpoint;
        return part;
    }
    // Further members of the part's JSON object, as in ChatRequest: "\"cache_control\":{\"type\":\"ephemeral\"}".
    constexpr ContentPart with_extra_json(JsonMembers members) const noexcept {
        ContentPart part = *this;
        part.extra_json_ = members;
        return part;
    }

    static const detail::MessageDescriptor descriptor;
    // in the Responses API: what is said to it, what it said
    static const detail::MessageDescriptor input_descriptor, output_descriptor;

private:
    enum class Kind : uint8_t { text = 1, refusal, image_url, input_audio, file_id, file_data, image_file, file_url };

    constexpr ContentPart(Kind kind, StringView value) noexcept : kind_(kind), value_(value) {}
    constexpr ContentPart(Kind kind, decltype(detail::Streamed::write) how, const Source& source,
                          StringView media_type) noexcept
        : kind_(kind), source_{{how}, &source, media_type} {}

    static void put_value(const void* object, detail::Fragment& piece) noexcept {
        const ContentPart& part = *static_cast<const ContentPart*>(object);
        piece.text = part.value_;
        piece.kind = detail::FragmentKind::string;
        if (part.source_.source) piece.set_streamed(part.source_.way);
    }

    // Closes the object inside the part, if its kind has one.
    static void end_value(const void* object, detail::Fragment& piece) noexcept {
        if (static_cast<const ContentPart*>(object)->kind_ > Kind::refusal) piece.before = "}";
    }
    static void end_flat_value(const void* object, detail::Fragment& piece) noexcept {
        if (static_cast<const ContentPart*>(object)->kind_ == Kind::input_audio) piece.before = "}";
    }
    static void put_output_type(const void* object, detail::Fragment& piece) noexcept {
        const bool is_refusal = static_cast<const ContentPart*>(object)->kind_ == Kind::refusal;
        piece.before = is_refusal ? "{\"type\":\"refusal\",\"refusal\":" : "{\"type\":\"output_text\",\"text\":";
    }
    static const detail::FieldDescriptor rows[], input_rows[], output_rows[];

    Kind kind_ = Kind::text;
    ImageDetail detail_ = ImageDetail::unset;
    StringView value_;     // what the part is about
    detail::SourceText source_;  // the same, if it has one
    StringView format_;    // null: none
    StringView filename_;  // null: none
    JsonValue prompt_cache_breakpoint_;
    JsonMembers extra_json_;
};

inline constexpr detail::FieldDescriptor ContentPart::rows[] = {
    {"{\"type\":\"\0text\",\"text\":\0refusal\",\"refusal\":\0image_url\",\"image_url\":{\"url\":\0"
     "input_audio\",\"input_audio\":{\"data\":\0file\",\"file\":{\"file_id\":\0file\",\"file\":{\"file_data\":\0"
     "image_file\",\"image_file\":{\"file_id\":\0file\",\"file\":{\"file_url\":\0",
     detail::FieldType::enumeration, offsetof(ContentPart, kind_)},
    put_value,
    {",\"detail\":\0\"auto\"\0\"low\"\0\"high\"\0\"original\"\0", detail::FieldType::enumeration,
     offsetof(ContentPart, detail_)},
    {",\"format\":", detail::FieldType::optional_string, offsetof(ContentPart, format_)},
    {",\"filename\":", detail::FieldType::optional_string, offsetof(ContentPart, filename_)},
    end_value,
    {",\"prompt_cache_breakpoint\":", detail::FieldType::checked, offsetof(ContentPart, prompt_cache_breakpoint_)},
    {",", detail::FieldType::checked, offsetof(ContentPart, extra_json_)},
    {"}", detail::FieldType::end},
};
inline constexpr detail::MessageDescriptor ContentPart::descriptor =
    detail::MessageDescriptor::of<ContentPart>(rows, detail::ListStyle::array);

OPENAI_STREAM_END
