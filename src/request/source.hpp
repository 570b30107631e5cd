#pragma once
// Why: a picture or a recording is larger than a small machine's memory, and base64 makes it a third larger still. So a
// part of a request may be read from where it is (a file, flash, a camera) while it is sent: straight into the window
// that the transport takes next, and encoded there. No copy of it exists, and the window may have any size.
#include "../base/error.hpp"
#include "../base/pieces.hpp"
#include "../json/writer.hpp"

OPENAI_STREAM_BEGIN

// Bytes that a request takes from elsewhere. Must stay as long as the request, and so must what it reads.
struct Source {
    uint64_t size = 0;
    // Puts `count` bytes, those from `offset` on, into `into`: all of them, or false, which is Error::source_failed and
    // ends the conversation. offset + count is at most `size`. Offsets ascend, but a request that is sent again (by a
    // RetryPolicy, over a connection that replaces a dead one) begins at 0 again, and so does a text, which is counted
    // before it is sent. May wait.
    bool (*read_at)(void* context, uint64_t offset, char* into, size_t count) = nullptr;
    void* context = nullptr;

    // Bytes in memory, which are then encoded without a buffer for it. Not copied.
    static constexpr Source of_bytes(StringView bytes OPENAI_STREAM_BORROWED) noexcept {
        return {bytes.size(), read_memory, const_cast<char*>(bytes.data())};
    }

private:
    static bool read_memory(void* context, uint64_t offset, char* into, size_t count) noexcept {
        detail::move_bytes(into, static_cast<const char*>(context) + offset, count);
        return true;
    }
};

namespace detail {

// A Source as the text of a request: raw, as a JSON string, or as one of base64.
struct SourceText {
    Streamed way;  // the first member, by which the rest is found
    const Source* source = nullptr;
    StringView media_type;  // of base64: makes it a URL, "data:image/png;base64,..."; empty: base64 alone

    static const SourceText& of(const Streamed& way) noexcept { return reinterpret_cast<const SourceText&>(way); }
};

namespace sources {

// Of what can be counted: base64 makes four bytes of three.
constexpr uint64_t max_size = SIZE_MAX / 2;

inline bool is_readable(const Source& source) noexcept {
    return source.size <= max_size && (source.read_at || source.size == 0);
}
inline Error (read)(const Source& source, uint64_t offset, char* into, size_t count) noexcept {
    return count == 0 || source.read_at(source.context, offset, into, count) ? Error::none : Error::source_failed;
}

// position: the bytes that have been written.
inline Error write_raw(const Streamed& way, size_t& position, json::Window& into) noexcept {
    const Source& source = *SourceText::of(way).source;
    if (!is_readable(source)) return Error::bad_request_field;
    const size_t size = static_cast<size_t>(source.size);
    if (position > size) return Error::source_failed;  // it has become shorter
    const size_t rest = size - position, count = rest < into.room ? rest : into.room;
    if (into.at) {
        const Error error = (read)(source, position, into.at, count);
        if (error != Error::none) return error;
        into.at += count;
    }
    into.room -= count;
    position = count == rest ? json::at_end : position + count;
    return Error::none;
}

// ---- base64, RFC 4648 section 4 -----------------------------------------------------------------------------------

inline constexpr char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The four characters of three bytes; count is less at the end.
inline void encode_group(const char* from, size_t count, char* into) noexcept {
    uint32_t bits = 0;
    for (size_t at = 0; at != 3; ++at)
        bits = bits << 8 | (at < count ? static_cast<unsigned char>(from[at]) : 0u);
    for (size_t at = 4; at-- != 0; bits >>= 6) into[at] = at > count ? '=' : base64_alphabet[bits & 63];
}

// As many groups as fit. They are read into the end of their place and encoded forwards: a group is written after it
// was taken up, and before the next one begins.
inline Error write_groups(const Source& source, size_t group, size_t groups, json::Window& into) noexcept {
    const size_t size = static_cast<size_t>(source.size);
    if (groups > into.room / 4) groups = into.room / 4;
    if (into.at) {
        const size_t first = group * 3, rest = size - first, count = rest < groups * 3 ? rest : groups * 3;
        char* const raw = into.at + groups;
        const Error error = (read)(source, first, raw, count);
        if (error != Error::none) return error;
        for (size_t at = 0; at != groups; ++at)
            encode_group(raw + at * 3, count - at * 3, into.at + at * 4);
        into.at += groups * 4;
    }
    into.room -= groups * 4;
    return Error::none;
}

// What may stand in a JSON string as it is; all media types may.
inline bool is_verbatim(StringView text) noexcept {
    for (const char c : text)
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\') return false;
    return true;
}

// A JSON string: `"data:`, the media type, `;base64,`, base64, `"`. position: the bytes of it that have been written.
inline Error write_base64(const Streamed& way, size_t& position, json::Window& into) noexcept {
    const SourceText& text = SourceText::of(way);
    if (!is_readable(*text.source) || text.media_type.size() > max_size / 4 || !is_verbatim(text.media_type))
        return Error::bad_request_field;
    const bool is_url = !text.media_type.empty();
    const StringView before[] = {StringView("\"data:", is_url ? 6 : 1), text.media_type,
                                 StringView(";base64,", is_url ? 8 : 0)};
    size_t start = 0;  // of the text that is written now
    for (const StringView& part : before) {
        const size_t end = start + part.size();
        if (position >= start && position < end) {
            const size_t rest = end - position, count = rest < into.room ? rest : into.room;
            into.put(part.data() + (position - start), count);
            position += count;
        }
        start = end;
    }
    const size_t groups = static_cast<size_t>((text.source->size + 2) / 3), end = start + groups * 4;
    if (position >= start && position < end) {
        const size_t free = into.room;
        const Error error = write_groups(*text.source, (position - start) / 4, (end - position) / 4, into);
        if (error != Error::none) return error;
        position += free - into.room;
    }
    if (position >= end && into.room != 0) {
        into.put("\"", 1);
        position = json::at_end;
    }
    return Error::none;
}

// ---- text ---------------------------------------------------------------------------------------------------------

constexpr size_t chunk_bytes = 128;  // of the stack

// A JSON string of a text in UTF-8, as json::write_string() makes it. position: as there.
inline Error write_string(const Streamed& way, size_t& position, json::Window& into) noexcept {
    const Source& source = *SourceText::of(way).source;
    if (!is_readable(source)) return Error::bad_request_field;
    const size_t size = static_cast<size_t>(source.size);
    if (position == 0) {
        if (into.room == 0) return Error::none;
        into.put("\"", 1);
        position = 1;
    }
    while (position <= size) {
        char chunk[chunk_bytes];
        const size_t first = position - 1, rest = size - first, count = rest < chunk_bytes ? rest : chunk_bytes;
        const Error error = (read)(source, first, chunk, count);
        if (error != Error::none) return error;
        // A character that begins later may be cut by the chunk's end; it is read again.
        const char* const safe_end = chunk + count - (count == rest ? 0 : 3);
        for (const char* at = chunk; at < safe_end;) {
            char atom[json::max_atom_bytes];
            const size_t verbatim = json::count_verbatim(at, chunk + count, into.room);
            const utf8::Sequence sequence = utf8::sequence_at(at, chunk + count);
            size_t length = verbatim, written = verbatim;
            const char* from = at;
            if (verbatim == 0 && detail::scan::StringStop::is(static_cast<unsigned char>(*at))) {
                length = 1;
                written = json::escape(*at, atom);
                from = atom;
            } else if (verbatim == 0) {
                length = sequence.length;
                written = sequence.valid ? length : utf8::replacement.size();
                from = sequence.valid ? at : utf8::replacement.data();
            }
            if (written > into.room) return Error::none;
            into.put(from, written);
            at += length;
            position += length;
        }
    }
    if (into.room == 0) return Error::none;
    into.put("\"", 1);
    position = json::at_end;
    return Error::none;
}

}  // namespace sources
}  // namespace detail

OPENAI_STREAM_END
