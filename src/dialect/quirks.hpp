#pragma once
// What a server did that is not by its document, counted: unknown is a value, not a guess. A row of a table that is
// some server's own names its quirk, and is counted where rows are read; all others are counted where they are seen.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

// describe() has a sentence for each.
enum class Quirk : uint8_t {
    provisional_piece,  // 0, which no row can name: it is the mark of a row without a quirk
    // Named by rows of the tables: below 32.
    reasoning_content_key,
    reasoning_key,
    thinking_key,
    reasoning_text_key,
    reasoning_details,
    text_part,
    thinking_part,
    reasoning_part,
    x_groq,
    usage_in_choice,
    error_in_choice,
    errors_key,
    detail_key,
    error_message_key,
    error_code_key,
    base_resp,
    retry_after_key,
    // Of chunks and their values.
    scalar_text,
    arguments_object,
    message_beside_delta,
    role_again,
    finish_again,
    usage_again,
    unknown_finish_reason,
    bad_utf8,
    lone_surrogate,
    // Of events.
    unknown_event,
    other_event_type,
    untyped_event,
    started_again,
    unnamed_item,
    call_id_as_item_id,
    empty_data,
    comment_in_data,
    error_field,
    unterminated_event,
    no_end_marker,
    // Of an answer and its head.
    error_in_answer,
    error_as_text,
    error_without_key,
    other_content_type,
    unknown_encoding,
    http_1_0,
    bare_line_feed,
    no_reason_space,
    padded_chunk_size,
    // Of the calls that a Collector has put together.
    guessed_call,
    repeated_arguments,
    generated_call_id,
    invalid_arguments,
};
static_assert(static_cast<unsigned>(Quirk::retry_after_key) < 32, "what a row has room for");

// How often each was seen, up to max_count. Those that were seen, in the order of Quirk:
//   for (oai::Quirk quirk : stream.quirks()) printf("%s: %s\n", oai::name_of(quirk), oai::describe(quirk));
class Quirks {
public:
    static constexpr unsigned max_count = 15;
    static constexpr unsigned size = static_cast<unsigned>(Quirk::invalid_arguments) + 1;

    constexpr Quirks() noexcept = default;
    uint8_t count(Quirk quirk) const noexcept {
        return static_cast<uint8_t>(counts_[static_cast<unsigned>(quirk) / 2] >> shift_of(quirk) & max_count);
    }
    bool has(Quirk quirk) const noexcept { return count(quirk) != 0; }
    OPENAI_STREAM_OUTLINE void add(Quirk quirk) noexcept {
        uint8_t& both = counts_[static_cast<unsigned>(quirk) / 2];
        const unsigned most = max_count << shift_of(quirk);
        if ((both & most) != most) both = static_cast<uint8_t>(both + (most & 0x11));
    }

    class Iterator {
    public:
        Iterator(const Quirks& of, unsigned from) noexcept : quirks_(&of), at_(from) { find(); }
        Quirk operator*() const noexcept { return static_cast<Quirk>(at_); }
        Iterator& operator++() noexcept {
            ++at_;
            find();
            return *this;
        }
        bool operator!=(const Iterator& other) const noexcept { return at_ != other.at_; }

    private:
        void find() noexcept {
            while (at_ != size && !quirks_->has(static_cast<Quirk>(at_))) ++at_;
        }
        const Quirks* quirks_;
        unsigned at_;
    };
    Iterator begin() const noexcept { return {*this, 0}; }
    Iterator end() const noexcept { return {*this, size}; }

private:
    static constexpr unsigned shift_of(Quirk quirk) noexcept { return static_cast<unsigned>(quirk) % 2 * 4; }

    uint8_t counts_[(size + 1) / 2] = {};  // half a byte each
};

OPENAI_STREAM_END
