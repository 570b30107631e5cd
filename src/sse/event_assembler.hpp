#pragma once
// Lines to events (WHATWG HTML, section 9.2.6 "Interpreting an event stream"). The data of an event is joined where it
// lies, in the input, which must be writable.
#include "../base/joined_text.hpp"
#include "line_decoder.hpp"

OPENAI_STREAM_BEGIN

namespace sse {

enum class Progress : uint8_t {
    need_more,   // all input was read
    comment,     // a comment line was read: the server is alive
    event,       // type(), the data and last_event_id() are one event's; they stay until the next call
    too_large,   // the type or the id does not fit; absorbs
};

class EventAssembler {
public:
    constexpr EventAssembler() noexcept = default;
    constexpr EventAssembler(char* names, size_t limit) noexcept { set_id_memory(names, limit); }

    // 4 * limit bytes for the type and three ids, the longest of either being limit bytes (below 65,536). Not owned.
    constexpr void set_id_memory(char* names, size_t limit) noexcept {
        names_ = names;
        limit_ = static_cast<uint16_t>(limit);
    }

    // By the letter, to be said before the first byte: ids and reconnection times are kept, an `error:` field is
    // unknown, and a type that is too long is too_large. Otherwise it is as dialects need it: ids and times are passed
    // over, an `error:` field counts as an event of type "error", and a type that is too long is cut.
    void set_strict() noexcept { take_more_ = &EventAssembler::take_id_or_retry; }

    // Reads [at, end) from its beginning to at(). `data` is that of the event being read, whole when Progress says so;
    // always the same object, empty before the first call.
    Progress next(const char* at, const char* end, JoinedText& data) noexcept {
        const Progress progress = read_on(at, end, data);
        at_ = at;
        return progress;
    }
    const char* at() const noexcept { return at_; }

    // The event's type ("message" when it has none), and the last event ID at its end.
    StringView type() const noexcept {
        return type_size_ == 0 ? StringView("message", 7) : StringView(names_, type_size_);
    }
    StringView given_type() const noexcept { return {names_, type_size_}; }  // empty when it has none
    bool is_type(StringView name) const noexcept { return name == StringView(names_, type_size_); }  // a given one
    StringView last_event_id() const noexcept { return {id_memory(last_id_.place), last_id_.size}; }
    // The last valid reconnection time in milliseconds, or -1.
    int64_t retry_ms() const noexcept { return retry_ - 1; }

    // An `error:` field has come, and was taken for an event.
    bool has_error_field() const noexcept { return has_error_field_; }

    // See LineDecoder::has_field().
    bool has_field() const noexcept { return decoder_.has_field(); }

    // Between two events: see LineDecoder::boundary(). Within one: 0. is_delivered: the last one was.
    unsigned boundary(bool is_delivered) const noexcept {
        return type_size_ != 0 && !is_delivered ? 0 : decoder_.boundary();
    }

    // Where that memory for types and ids ends.
    char* names_end() const noexcept { return names_ + 4 * limit_; }

private:
    struct Id {
        uint16_t place = 0;  // which of the three id memories
        uint16_t size = 0;
    };
    char* id_memory(unsigned place) const noexcept { return names_ + limit_ * (1u + place); }

    OPENAI_STREAM_INLINE Progress read_on(const char*& at, const char* end, JoinedText& data) noexcept {
        if (data.is_whole()) {
            data.clear();
            type_size_ = 0;
        }
        while (!is_too_large_) {
            const LineKind kind = decoder_.next(at, end);
            if (kind == LineKind::need_more) return Progress::need_more;
            if (kind == LineKind::blank) {
                last_id_ = pending_id_;
                if (data.is_open()) {
                    data.end();
                    return Progress::event;
                }
                type_size_ = 0;
                continue;
            }
            const bool is_first = !is_inside_line_;
            is_inside_line_ = !decoder_.is_complete();
            const StringView text = decoder_.text();
            if (OPENAI_STREAM_LIKELY(decoder_.field() == Field::data)) data.append(text.data(), text.size(), is_first);
            else if (decoder_.field() == Field::comment && !is_inside_line_) return Progress::comment;
            else take_line(is_first, data);
        }
        return Progress::too_large;
    }

    // One piece of a line that is neither data nor the end of a comment.
    void take_line(bool is_first, JoinedText& data) noexcept {
        if (decoder_.field() == Field::event) {
            append_type(decoder_.text().data(), decoder_.text().size(), is_first);
        } else if (take_more_) {
            take_more_(*this, is_first);
        } else if (decoder_.field() == Field::error) {
            has_error_field_ = true;
            if (is_first) append_type("error", 5, true);
            data.append(decoder_.text().data(), decoder_.text().size(), is_first);
        }
    }

    void append_type(const char* text, size_t size, bool is_first) noexcept {
        if (is_first) type_size_ = 0;
        append_name(names_, type_size_, text, size);
    }
    void append_name(char* memory, uint16_t& count, const char* text, size_t size) noexcept {
        const auto room = static_cast<size_t>(limit_ - count);
        const size_t fits = size < room ? size : room;
        detail::move_bytes(memory + count, text, fits);
        count = static_cast<uint16_t>(count + fits);
        if (fits != size && take_more_) is_too_large_ = true;
    }

    static void take_id_or_retry(EventAssembler& self, bool is_first) noexcept {
        const StringView text = self.decoder_.text();
        if (self.decoder_.field() == Field::id) self.take_id(text, is_first);
        if (self.decoder_.field() == Field::retry) self.take_retry(text, is_first);
    }

    // If the field value does not contain U+0000 NULL, then set the last event ID buffer to the field value.
    void take_id(StringView text, bool is_first) noexcept {
        if (is_first) {
            arriving_id_.place = 0;  // a memory that neither of the others uses
            while (arriving_id_.place == last_id_.place || arriving_id_.place == pending_id_.place)
                ++arriving_id_.place;
            arriving_id_.size = 0;
            id_is_valid_ = true;
        }
        const StringView fits = text.take(static_cast<size_t>(limit_ - arriving_id_.size));
        if (memchr(fits.data(), '\0', fits.size())) id_is_valid_ = false;
        if (id_is_valid_) append_name(id_memory(arriving_id_.place), arriving_id_.size, text.data(), text.size());
        if (!is_inside_line_ && id_is_valid_) pending_id_ = arriving_id_;
    }

    // If the field value consists of only ASCII digits, then it is the reconnection time.
    void take_retry(StringView text, bool is_first) noexcept {
        if (is_first) {
            arriving_retry_ = 0;
            retry_is_valid_ = false;
            retry_is_broken_ = false;
        }
        for (const char c : text) {
            if (!ascii::is_digit(c) || !ascii::append_decimal(arriving_retry_, c) ||
                arriving_retry_ >= static_cast<uint64_t>(INT64_MAX))
                retry_is_broken_ = true;
            retry_is_valid_ = true;
        }
        if (!is_inside_line_ && retry_is_valid_ && !retry_is_broken_)
            retry_ = static_cast<int64_t>(arriving_retry_) + 1;
    }

    const char* at_ = nullptr;
    bool is_inside_line_ = false, is_too_large_ = false, has_error_field_ = false;
    bool retry_is_valid_ = false, retry_is_broken_ = false, id_is_valid_ = false;
    LineDecoder decoder_;
    void (*take_more_)(EventAssembler& self, bool is_first) = nullptr;  // null: for dialects
    char* names_ = nullptr;
    uint16_t limit_ = 0;
    uint16_t type_size_ = 0;
    Id last_id_, pending_id_, arriving_id_;  // committed by a blank line; of this event; being read
    uint64_t arriving_retry_ = 0;
    int64_t retry_ = 0;  // plus one; 0: none yet
};

}  // namespace sse

OPENAI_STREAM_END
