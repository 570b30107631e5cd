#pragma once
// Why: what a server has sent is what its first bytes show, and not what its head says. An answer comes as server-sent
// events or as one JSON text; what else comes is written for people, and its beginning is worth keeping.
//
// Given a body without framing, in the buffer in which it was received, this finds the events or the text in it. It
// knows neither HTTP nor what the JSON says. Before and after each call: retained_end <= data <= unread.
#include "../base/joined_text.hpp"
#include "../sse/event_assembler.hpp"
#include "receive_buffer.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

class BodyReader {
public:
    // What the body is.
    enum class Kind : uint32_t {  // as long as small machines reach it with a short instruction
        unknown,  // nothing but blanks has come
        events,
        json,     // one text, which is gathered in `data`
        page,     // anything else: its beginning is gathered in `data`
    };

private:
    // First, where small machines reach them with short instructions.
    Kind kind_ = Kind::unknown;
    uint16_t prefix_room_ = 0;  // reserved before retained_end, but of a page that of `data`
    uint16_t prefix_size_ = 0;  // bytes that are there; of a page the same as the room

public:
    ReceiveBuffer buffer;
    JoinedText data;           // of the event, or the text, that is being read
    char* receive_end = nullptr;  // the buffer's limit while an answer is received
    sse::EventAssembler sse;

    // In this memory, whose beginning (four times name_limit) is for the types and the ids of events.
    void begin(Buffer memory, size_t name_limit) noexcept {
        sse.set_id_memory(memory.data, name_limit);
        receive_end = buffer.limit = memory.data + memory.size;
        buffer.begin(sse.names_end());
    }

    Kind kind() const noexcept { return kind_; }

    // A piece of the body has come, at [unread, deframed_end), and nothing but blanks before: its first bytes show what
    // it is, and are kept: `most` of an answer (0: none, for nobody could read them), page_share times as many of a
    // page. Returns false if they are those of no text.
    bool begin_with_piece(size_t most) noexcept;
    // A later piece has come, from `at` to deframed_end.
    void note_piece(const char* at) noexcept {
        if (prefix_size_ != prefix_room_) add_to_prefix(at);
    }

    // Reads [unread, deframed_end) up to what it finds: event, its data is whole; comment; need_more, all of it was
    // read; too_large, an id or a type.
    sse::Progress next() noexcept {
        if (kind_ <= Kind::events) {
            const sse::Progress found = sse.next(buffer.unread, buffer.deframed_end, data);
            buffer.unread += sse.at() - buffer.unread;
            return found;
        }
        StringView piece = buffer.deframed();
        if (kind_ == Kind::page) piece = piece.take(prefix_room_ - data.view().size());
        data.append(piece.data(), piece.size(), false);
        buffer.unread = buffer.deframed_end;
        return sse::Progress::need_more;
    }

    // There is data of an event or a text that has not ended.
    bool is_within_data() const noexcept { return data.is_open() && kind_ != Kind::page; }
    // The first thing that has come may be, or become, an event stream.
    bool may_be_events() const noexcept {
        return kind_ == Kind::unknown || (kind_ == Kind::events && sse.has_field());
    }

    // Nothing of an event has been read; 0: some has. What it is says how the line before has ended.
    unsigned boundary() const noexcept { return data.is_open() ? 0 : sse.boundary(data.is_whole()); }

    // The first bytes of the body, as they came.
    StringView prefix() const noexcept {
        return kind_ == Kind::page ? data.view() : StringView(buffer.retained_end - prefix_room_, prefix_size_);
    }
    // An answer needs their room. Returns false if they are that short already.
    OPENAI_STREAM_OUTLINE bool shorten_prefix(size_t size) noexcept {
        if (prefix_room_ <= size) return false;
        buffer.retained_end -= prefix_room_ - size;  // they were reserved last
        prefix_room_ = static_cast<uint16_t>(size);
        if (prefix_size_ > size) prefix_size_ = prefix_room_;
        return true;
    }

    // Moves what was not read to `to` and on. Between an event's data and what comes next a line feed may have to be
    // put. Where there is no room for it, nothing can be received before some of the data has been read.
    void compact(char* to) noexcept {
        if (data.is_open()) {
            to = data.move_to(to);
            if (buffer.received_end - buffer.unread < buffer.limit - to) ++to;
        }
        buffer.move_unread(to);
    }

private:
    static constexpr size_t page_share = 16;  // a title is looked for in more bytes than are shown

    static bool is_before_text(char c) noexcept {
        return ascii::is_space(c) || c == '\xEF' || c == '\xBB' || c == '\xBF';
    }
    OPENAI_STREAM_OUTLINE void add_to_prefix(const char* from) noexcept {
        const StringView more =
            StringView(from, static_cast<size_t>(buffer.deframed_end - from)).take(prefix_room_ - prefix_size_);
        move_bytes(buffer.retained_end - prefix_room_ + prefix_size_, more.data(), more.size());
        prefix_size_ = static_cast<uint16_t>(prefix_size_ + more.size());
    }
};

// The first byte that is no blank tells what a body is, whatever its Content-Type says. Blanks and a byte order mark
// before it are harmless to an event stream.
inline bool BodyReader::begin_with_piece(size_t most) noexcept {
    const char* at = buffer.unread;
    while (at != buffer.deframed_end && is_before_text(*at)) ++at;
    if (at == buffer.deframed_end) return true;
    const char first = *at;
    kind_ = Kind::page;
    if (static_cast<signed char>(first) < ' ' || first == '\x7F') return false;
    ptrdiff_t before = at - buffer.unread;
    const auto window = static_cast<size_t>(buffer.limit - buffer.retained_end);
    if (first == '<') {  // nothing else needs the buffer
        buffer.unread += before;
        most *= page_share;
        prefix_room_ = prefix_size_ = static_cast<uint16_t>(window / 2 < most ? window / 2 : most);
        return true;
    }
    kind_ = Kind::events;
    if ((first | 0x20) == '{') {  // or '[', which is one bit away
        kind_ = Kind::json;
        buffer.unread += before;
        before = 0;
    }
    prefix_room_ = static_cast<uint16_t>(buffer.reserve(window / 4 < most ? window / 4 : most));
    add_to_prefix(buffer.unread + before);
    return true;
}

}  // namespace detail

OPENAI_STREAM_END
