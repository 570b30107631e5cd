#pragma once
// Lines to events (WHATWG HTML, section 9.2.6 "Interpreting an event stream"). The data of an event is joined where it
// lies when the input is writable and stays put, or copied to memory of its own.
#include "../base/buffer.hpp"
#include "line_decoder.hpp"

OPENAI_STREAM_BEGIN

namespace sse {

enum class Progress : uint8_t {
    need_more,   // all input was read
    comment,     // a comment line was read: the server is alive
    event,       // type(), data() and id() are one event's; they stay until the next call
    too_large,   // the type, the id or the data does not fit; absorbs
};

class EventAssembler {
public:
    constexpr EventAssembler() noexcept = default;
    constexpr EventAssembler(char* names, size_t limit) noexcept { use_names(names, limit); }

    // 4 * limit bytes for the type and three ids, the longest of either being limit bytes. Not owned.
    constexpr void use_names(char* names, size_t limit) noexcept {
        names_ = names;
        limit_ = static_cast<uint32_t>(limit);
    }

    // For input that may go away: data is copied to `memory` (not owned). Without it, data is joined in the input
    // itself, which must be writable and keep its place (see rebase).
    void copy_data_to(Buffer memory) noexcept {
        home_ = data_begin_ = data_end_ = memory.data;
        limit_of_data_ = memory.data + memory.size;
    }
    // By the letter, to be said before the first byte: ids and reconnection times are kept, an `error:` field is
    // unknown, and a type that is too long is too_large. Otherwise it is as dialects need it: ids and times are passed
    // over, an `error:` field counts as an event of type "error", and a type that is too long is cut.
    void follow_standard() noexcept { take_more_ = &EventAssembler::take_id_or_retry; }

    // Reads [at, end) from its beginning to at().
    Progress next(const char* at, const char* end) noexcept {
        const Progress progress = read_on(at, end);
        at_ = at;
        return progress;
    }
    const char* at() const noexcept { return at_; }

    // The event's type ("message" when it has none), its data, and the last event ID at its end.
    StringView type() const noexcept {
        return type_size_ == 0 ? StringView("message", 7) : StringView(names_, type_size_);
    }
    StringView given_type() const noexcept { return {names_, type_size_}; }  // empty when it has none
    bool is_type(StringView name) const noexcept { return name == StringView(names_, type_size_); }  // a given one
    StringView data() const noexcept { return {data_begin_, static_cast<size_t>(data_end_ - data_begin_)}; }
    StringView last_event_id() const noexcept { return {id_memory(last_id_.place), last_id_.size}; }
    // The last valid reconnection time in milliseconds, or -1.
    int64_t retry_ms() const noexcept { return retry_ - 1; }

    // See LineDecoder::has_field().
    bool has_field() const noexcept { return decoder_.has_field(); }

    // More data, without framing: for a body that is one text and no event stream.
    void append(StringView text) noexcept { append_data(text.data(), text.size(), false); }

    // The input has ended within an event: what there is of it counts as one. (By the standard it is to be dropped.)
    void end_event() noexcept { is_dispatched_ = true; }

    // The event being assembled, before its end: has it data yet, and taking off what was read of it.
    OPENAI_STREAM_INLINE bool has_data() const noexcept { return has_data_ && !is_dispatched_; }
    char* data_begin() const noexcept { return data_begin_; }
    char* data_end() const noexcept { return data_end_; }
    void consume_data(size_t count) noexcept { data_begin_ += count; }
    // Takes off the blanks and line ends at its beginning; all of it after its first `size` bytes.
    void skip_blanks() noexcept {
        while (data_begin_ != data_end_ && ascii::is_space(*data_begin_)) ++data_begin_;
    }
    void cut_data(size_t size) noexcept { data_end_ = data_begin_ + size; }
    // The data so far was moved to `to` (input that had to move in its buffer). What is shown next must lie at least
    // one byte behind it.
    void rebase(char* to) noexcept {
        data_end_ = to + (data_end_ - data_begin_);
        data_begin_ = to;
    }

private:
    struct Id {
        uint8_t place = 0;  // which of the three id memories
        uint32_t size = 0;
    };
    char* id_memory(uint8_t place) const noexcept { return names_ + limit_ * (1u + place); }

    OPENAI_STREAM_INLINE Progress read_on(const char*& at, const char* end) noexcept {
        if (is_dispatched_) {
            is_dispatched_ = has_data_ = false;
            type_size_ = 0;
            data_begin_ = data_end_ = home_;
        }
        while (!is_too_large_) {
            const LineKind kind = decoder_.next(at, end);
            if (kind == LineKind::need_more) return Progress::need_more;
            if (kind == LineKind::blank) {
                last_id_ = pending_id_;
                is_dispatched_ = has_data_;
                if (has_data_) return Progress::event;
                type_size_ = 0;
                continue;
            }
            const bool is_first = !is_inside_line_;
            is_inside_line_ = !decoder_.is_complete();
            const StringView text = decoder_.text();
            if (OPENAI_STREAM_LIKELY(decoder_.field() == Field::data)) append_data(text.data(), text.size(), is_first);
            else if (decoder_.field() == Field::comment && !is_inside_line_) return Progress::comment;
            else take_line(is_first);
        }
        return Progress::too_large;
    }

    // One piece of a line that is neither data nor the end of a comment.
    void take_line(bool is_first) noexcept {
        if (decoder_.field() == Field::event) {
            append_type(decoder_.text().data(), decoder_.text().size(), is_first);
        } else if (take_more_) {
            take_more_(*this, is_first);
        } else if (decoder_.field() == Field::error) {
            if (is_first) append_type("error", 5, true);
            append_data(decoder_.text().data(), decoder_.text().size(), is_first);
        }
    }

    void append_data(const char* text, size_t size, bool is_first) noexcept {
        if (!data_begin_) data_begin_ = data_end_ = const_cast<char*>(text);
        const bool line_feed = is_first && has_data_;
        has_data_ = true;
        if (home_ && size + line_feed > static_cast<size_t>(limit_of_data_ - data_end_)) {
            is_too_large_ = true;
            return;
        }
        char* const into = data_end_ + line_feed;
        if (into != text && size != 0) memmove(into, text, size);
        if (line_feed) *data_end_ = '\n';
        data_end_ = into + size;
    }

    void append_type(const char* text, size_t size, bool is_first) noexcept {
        if (is_first) type_size_ = 0;
        append_name(names_, type_size_, text, size);
    }
    void append_name(char* memory, uint32_t& count, const char* text, size_t size) noexcept {
        const size_t room = limit_ - count;
        const size_t fits = size < room ? size : room;
        if (fits != 0) memmove(memory + count, text, fits);
        count += static_cast<uint32_t>(fits);
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
        const StringView fits = text.take(limit_ - arriving_id_.size);
        if (!fits.empty() && memchr(fits.data(), '\0', fits.size())) id_is_valid_ = false;
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

    char* data_begin_ = nullptr;  // first, since small machines reach what is near with short instructions
    char* data_end_ = nullptr;
    const char* at_ = nullptr;
    bool has_data_ = false, is_inside_line_ = false, is_dispatched_ = false, is_too_large_ = false;
    bool retry_is_valid_ = false, retry_is_broken_ = false, id_is_valid_ = false;
    LineDecoder decoder_;
    void (*take_more_)(EventAssembler& self, bool is_first) = nullptr;  // null: for dialects
    char* names_ = nullptr;
    uint32_t limit_ = 0;
    uint32_t type_size_ = 0;
    char* home_ = nullptr;  // where copied data begins; null = data stays in the input
    char* limit_of_data_ = nullptr;
    Id last_id_, pending_id_, arriving_id_;  // committed by a blank line; of this event; being read
    uint64_t arriving_retry_ = 0;
    int64_t retry_ = 0;  // plus one; 0: none yet
};

}  // namespace sse

OPENAI_STREAM_END
