// What is proved, for all inputs up to the bound of each (BOUND, see prove.py). Every piece of input is memory of its
// own and ends where that ends: one byte read after it is a failure, as is an overflow of a signed number, of a pointer
// or of a shift. Where a parser has a state, it begins in any state that its invariant allows, and the
// invariant has to hold afterwards: so what is shown for one piece is true of any number of them, of an input without
// end, however it is cut.
#include "extracted.c"

#include <stdlib.h>

#define CHECK(condition) __CPROVER_assert(condition, #condition)
#define ASSUME(condition) __CPROVER_assume(condition)

size_t nondet_any_size(void);
char nondet_any_char(void);
uint8_t nondet_any_byte(void);
bool nondet_any_bool(void);
uint32_t nondet_any_word(void);
uint64_t nondet_any_number(void);

// Memory of `size` bytes, which can be anything, up to BOUND and 1; it ends where the object does.
static char* any_bytes(size_t size) {
    char* const bytes = malloc(BOUND + 1);
    for (size_t i = 0; i != BOUND + 1; ++i) bytes[i] = nondet_any_char();
    return bytes + (BOUND + 1 - size);
}
static size_t up_to(size_t most) {
    const size_t size = nondet_any_size();
    ASSUME(size <= most);
    return size;
}
static bool any_flag(void) { return nondet_any_bool() ? true : false; }

#if defined(PROOF_utf8)
// By the Unicode Standard, table 3-7, by way of the code point.
static unsigned expected_length(const char* text, size_t size) {
    const unsigned lead = (unsigned char)text[0];
    const unsigned length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead >= 0x80 && (lead < 0xC0 || lead > 0xF7)) return 0;
    if (length > size) return 0;
    uint32_t code = length == 1 ? lead : length == 2 ? lead & 0x1F : length == 3 ? lead & 0x0F : lead & 0x07;
    for (unsigned i = 1; i < length; ++i) {
        if (((unsigned char)text[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | ((unsigned char)text[i] & 0x3F);
    }
    const uint32_t least = length == 1 ? 0 : length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
    return length;
}
int main(void) {
    const size_t size = up_to(BOUND);
    ASSUME(size != 0);
    const char* const text = any_bytes(size);
    const Sequence found = utf8_sequence_at(text, text + size);
    CHECK(found.length >= 1 && found.length <= 4 && found.length <= size);
    const unsigned expected = expected_length(text, size);
    CHECK(found.valid == (expected != 0));
    if (expected != 0) CHECK(found.length == expected);
    if (found.incomplete) CHECK(!found.valid && found.length == size);
    // And back.
    const uint32_t code = nondet_any_word();
    ASSUME(code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF));
    char written[4];
    char* const end = utf8_append(written, code);
    const Sequence again = utf8_sequence_at(written, end);
    CHECK(again.valid && again.length == (size_t)(end - written));
}

#elif defined(PROOF_decimal)
// Each 64-bit number, each digit.
int main(void) {
    uint64_t value = nondet_any_number();
    const uint64_t before = value;
    const char digit = nondet_any_char();
    ASSUME(ascii_is_digit(digit));
    const unsigned __int128 wanted = (unsigned __int128)before * 10 + (unsigned)(digit - '0');
    const bool fits = ascii_append_decimal(&value, digit);
    CHECK(fits == (wanted >> 64 == 0));
    if (fits) CHECK(value == (uint64_t)wanted);
    else CHECK(value == before);
}

#elif defined(PROOF_division)
int main(void) {
    uint64_t value = nondet_any_number();
    const uint64_t before = value;
    const unsigned rest = ascii_divide_by_ten(&value);
    CHECK(rest < 10);
    CHECK(value <= UINT64_MAX / 10);
    CHECK(value * 10 + rest == before);
}

#elif defined(PROOF_integer)
// Any text that the scanner took for a number, or for the beginning of one.
int main(void) {
    const size_t size = up_to(BOUND);
    ASSUME(size != 0);
    const char* const text = any_bytes(size);
    ScannerState state = ScannerState_number_begin;
    for (size_t i = 0; i != size; ++i) {
        state = Scanner_after_number_byte(text[i], state);
        ASSUME(state != ScannerState_failed);
    }
    int64_t value = 77;
    const bool fits = to_integer(text, text + size, &value, 0);
    if (!fits) CHECK(value == 77);
    if (fits && text[0] == '-') CHECK(value <= 0);
    if (fits && text[0] != '-') CHECK(value >= 0);
}

#elif defined(PROOF_delay)
int main(void) {
    const size_t size = up_to(BOUND);
    const char* const text = any_bytes(size);
    uint32_t delay = 77;
    const bool is_ms = any_flag();
    if (!to_delay_ms(text, text + size, is_ms, &delay)) CHECK(delay == 77);
    else CHECK(size != 0 && (is_ms || delay % 1000 == 0));
}

#elif defined(PROOF_date)
int main(void) {
    const size_t size = up_to(BOUND);
    const char* const text = any_bytes(size);
    const int64_t seconds = to_unix_seconds(StringView_make(text, size));
    CHECK(seconds >= -1 && seconds < (int64_t)253402300800 + 86400);  // the end of 9999
}

#elif defined(PROOF_words)
int main(void) {
    static const char list[] = "data\0event\0id\0";
    const size_t size = up_to(BOUND);
    const char* const text = any_bytes(size);
    const unsigned found = words_index_of(list, text, size);
    const bool is_data = size == 4 && text[0] == 'd' && text[1] == 'a' && text[2] == 't' && text[3] == 'a';
    const bool is_id = size == 2 && text[0] == 'i' && text[1] == 'd';
    CHECK(found <= 3 && (found == 1) == is_data && (found == 3) == is_id);
}

#elif defined(PROOF_lines)
static bool is_sound(const LineDecoder* it) {
    for (size_t i = it->name_size_; i < sizeof it->name_; ++i)  // of the first line, what has not come yet is NUL
        if (!it->is_after_first_line_ && it->name_[i] != 0) return false;
    return it->state_ <= LineDecoder_State_line_feed && it->field_ <= sseField_unknown &&
           it->name_size_ <= sizeof it->name_;
}
int main(void) {
    LineDecoder it;
    LineDecoder_init(&it);
    CHECK(is_sound(&it));
    it.state_ = nondet_any_byte();
    it.field_ = nondet_any_byte();
    it.name_size_ = nondet_any_byte();
    it.has_field_ = any_flag();
    it.is_after_first_line_ = any_flag();
    for (size_t i = 0; i != sizeof it.name_; ++i) it.name_[i] = nondet_any_char();
    ASSUME(is_sound(&it));
    const size_t size = up_to(BOUND);
    const char* const input = any_bytes(size);
    const char *at = input, *const end = input + size;
    const char* const before = at;
    const LineKind kind = LineDecoder_next(&it, &at, end);
    CHECK(is_sound(&it));
    CHECK(at >= before && at <= end);
    if (kind == LineKind_need_more) CHECK(at == end);
    else CHECK(at != before);  // progress
    if (kind == LineKind_value) {
        const StringView text = LineDecoder_text(&it);
        CHECK(text.data_ >= before && text.size_ <= (size_t)(at - text.data_));
        for (size_t i = 0; i != text.size_; ++i) CHECK(text.data_[i] != '\n' && text.data_[i] != '\r');
        CHECK(it.field_ != sseField_unknown);
    }
    LineDecoder_has_field(&it);
}

#elif defined(PROOF_chunks)
static bool is_sound(const ChunkedReader* it, uint64_t size) {
    return it->state_ <= ChunkedReader_State_data_lf && it->byte_count_ <= max_chunk_line_bytes && size >> 60 == 0;
}
int main(void) {
    ChunkedReader it;
    ChunkedReader_init(&it);
    CHECK(is_sound(&it, 0));
    it.state_ = nondet_any_byte();
    it.byte_count_ = nondet_any_size();
    uint64_t chunk = nondet_any_number();
    ASSUME(is_sound(&it, chunk));
    const size_t size = up_to(BOUND);
    const char* const input = any_bytes(size);
    const char* at = input;
    const ParseEvent event = ChunkedReader_next(&it, &at, input + size, &chunk);
    CHECK(at >= input && at <= input + size);
    if (event != ParseEvent_failed) CHECK(is_sound(&it, chunk));
    if (event == ParseEvent_need_more) CHECK(at == input + size);
    else CHECK(at != input);
    if (event == ParseEvent_body) CHECK(chunk != 0);
    if (event == ParseEvent_end) CHECK(chunk == 0);
}

#elif defined(PROOF_shortcut)
// The short cut for a chunk's line says the same as the long way.
int main(void) {
    ChunkedReader it;
    const size_t other_size = up_to(BOUND);
    const char* const other = any_bytes(other_size);
    uint64_t quick = 0, slow = 0;
    const char* const after = whole_chunk_line(other, other + other_size, &quick);
    if (after) {
        CHECK(after <= other + other_size && quick != 0);
        ChunkedReader_init(&it);
        it.state_ = ChunkedReader_State_data_cr;
        const char* at_slow = other;
        CHECK(ChunkedReader_next(&it, &at_slow, other + other_size, &slow) == ParseEvent_body);
        CHECK(at_slow == after && slow == quick);
    } else {
        CHECK(quick == 0);
    }
}

#elif defined(PROOF_framing)
static bool is_sound(const BodyFraming* it, const Word* word, uint64_t length) {
    return word->length_ <= Word_max_length && length / 10 <= (uint64_t)1 << 56;
}
int main(void) {
    BodyFraming it;
    BodyFraming_init(&it);
    it.facts_ = nondet_any_byte();
    ASSUME(it.facts_ < 64);
    Word word;
    Word_init(&word);
    word.length_ = nondet_any_byte();
    for (size_t i = 0; i != Word_max_length; ++i) word.text_[i] = nondet_any_char();
    uint64_t length = nondet_any_number();
    ASSUME(is_sound(&it, &word, length));
    const Field field = nondet_any_byte();
    ASSUME(BodyFraming_is_concerned(field));
    const bool is_ok = BodyFraming_feed(&it, field, nondet_any_char(), any_flag(), &word, &length);
    if (is_ok) CHECK(is_sound(&it, &word, length));
    CHECK(it.facts_ < 64);
    const unsigned status = nondet_any_size();
    ASSUME(status >= 100 && status <= 999);
    const bool is_old = any_flag();
    const BodyLength end = BodyFraming_decide(&it, status, is_old, &length);
    CHECK(end <= BodyLength_invalid);
    // Nothing that has two answers to where its body ends is read as an answer, or carries another request.
    if (end == BodyLength_invalid) CHECK(status < 300);
    if (end == BodyLength_close && status != 204) CHECK(!BodyFraming_keep_alive(&it, is_old));
    if (status == 204 || status == 304) CHECK(length == 0 && end == BodyLength_length);
}

#elif defined(PROOF_response)
// A whole response parser in any state.
static bool is_sound(const ResponseParser* it) {
    const unsigned beyond = it->stage_ == ResponseParser_Stage_failed;  // by as much a limit was exceeded
    if (it->stage_ > ResponseParser_Stage_closed || it->head_.state_ > HeadReader_State_last_lf ||
        it->head_.word_.length_ > Word_max_length || it->chunks_.state_ > ChunkedReader_State_data_lf ||
        it->chunks_.byte_count_ > max_chunk_line_bytes + beyond || it->head_bytes_ > max_head_bytes + beyond ||
        it->framing_.facts_ >= 64)
        return false;
    if (it->stage_ == ResponseParser_Stage_failed) return true;
    if (it->head_.state_ == HeadReader_State_status_line &&
        !(it->head_.position_ < 12 && it->stage_ == ResponseParser_Stage_head &&
          it->head_.status_ <= (it->head_.position_ < 10 ? 0 : it->head_.position_ < 11 ? 9 : 99)))
        return false;
    if (it->stage_ == ResponseParser_Stage_trailer && it->head_.state_ < HeadReader_State_field_line) return false;
    if (it->stage_ == ResponseParser_Stage_chunk_line || it->stage_ == ResponseParser_Stage_chunk_data)
        return it->left_ >> 60 == 0 && (it->stage_ != ResponseParser_Stage_chunk_data || it->left_ != 0);
    if (it->stage_ == ResponseParser_Stage_counted || it->stage_ == ResponseParser_Stage_until_close)
        return it->left_ != 0;
    return it->stage_ > ResponseParser_Stage_trailer || it->left_ / 10 <= (uint64_t)1 << 56;
}
int main(void) {
    ResponseParser it;
    ResponseParser_init(&it);
    CHECK(is_sound(&it));
    it.stage_ = nondet_any_byte();
    it.error_ = nondet_any_byte();
    it.head_complete_ = any_flag();
    it.framing_.facts_ = nondet_any_byte();
    it.chunks_.state_ = nondet_any_byte();
    it.chunks_.byte_count_ = nondet_any_size();
    it.head_.status_ = nondet_any_size();
    it.head_.state_ = nondet_any_byte();
    it.head_.position_ = nondet_any_byte();
    it.head_.field_ = nondet_any_byte();
    it.head_.is_http_1_0_ = any_flag();
    it.head_.word_.length_ = nondet_any_byte();
    for (size_t i = 0; i != Word_max_length; ++i) it.head_.word_.text_[i] = nondet_any_char();
    it.head_bytes_ = nondet_any_word();
    it.left_ = nondet_any_number();
    ASSUME(is_sound(&it));
    const size_t size = up_to(BOUND);
    const char* const input = any_bytes(size);
    const ResponseParser_Stage before = it.stage_;
    const ParseEvent event = ResponseParser_next(&it, input, input + size);
    const char* const at = it.at_;
    CHECK(is_sound(&it));
    CHECK(at >= input && at <= input + size);
    if (event == ParseEvent_need_more && before != ResponseParser_Stage_closed) CHECK(at == input + size);
    if (event == ParseEvent_failed) CHECK(it.stage_ == ResponseParser_Stage_failed);
    // Progress: a byte was read, or it is the end.
    if (event == ParseEvent_body || event == ParseEvent_head) CHECK(at != input);
    if (event == ParseEvent_body || ((event == ParseEvent_field_name || event == ParseEvent_field_value))) {
        CHECK(it.text_.data_ >= input && it.text_.data_ <= input + size);
        CHECK(it.text_.size_ <= (size_t)(input + size - it.text_.data_));
    }
    const ParseEvent last = ResponseParser_finish(&it);
    CHECK(last == ParseEvent_end || last == ParseEvent_failed);
    if (last == ParseEvent_end) CHECK(ResponseParser_complete(&it));
}

#elif defined(PROOF_scanner)
static const char words[] = "rue\0alse\0ull";
static bool is_sound(const Scanner* it) {
    if (it->state_ > ScannerState_string_escape || it->depth_ > max_depth) return false;
    if (it->depth_ == 0 &&
        (it->in_object_ || (it->state_ >= ScannerState_value_or_end && it->state_ <= ScannerState_comma_or_end)))
        return false;
    if ((it->state_ == ScannerState_key || it->state_ == ScannerState_key_or_end || it->state_ == ScannerState_colon) &&
        !it->in_object_)
        return false;
    if (it->state_ >= ScannerState_string && it->is_key_ && !it->in_object_) return false;
    if (it->state_ == ScannerState_end && it->depth_ != 0) return false;
    return it->depth_ == 0 || it->in_object_ == ((it->stack_[(it->depth_ - 1) >> 3] >> ((it->depth_ - 1) & 7) & 1) != 0);
}
int main(void) {
    Scanner it;
    Scanner_init(&it);
    CHECK(is_sound(&it));
    it.depth_ = nondet_any_byte();
    it.state_ = nondet_any_byte();
    it.in_object_ = any_flag();
    it.is_key_ = any_flag();
    for (size_t i = 0; i != sizeof it.stack_; ++i) it.stack_[i] = nondet_any_byte();
    const size_t word = up_to(sizeof words - 1);
    it.literal_ = words + word;
    it.literal_first_ = nondet_any_char();
    ASSUME(is_sound(&it));
    const size_t size = up_to(BOUND);
    const char* const input = any_bytes(size);
    Scanner_set_input(&it, input, input + size);
    const unsigned depth_before = it.depth_;
    const TokenKind kind = Scanner_next(&it);
    const char* const at = Scanner_at(&it);
    CHECK(is_sound(&it));
    CHECK(it.state_ != ScannerState_failed || kind == TokenKind_failed || kind == TokenKind_need_more);
    CHECK(at >= input && at <= input + size);
    if (kind == TokenKind_need_more) CHECK(at == input + size);
    CHECK(it.depth_ <= depth_before + 1 && it.depth_ + 1 >= depth_before);
    // Progress. A number is known to have ended when the byte after it comes; that byte is the next one's.
    if (kind != TokenKind_failed && kind != TokenKind_need_more && kind != TokenKind_number) CHECK(at != input);
    if (kind == TokenKind_key || kind == TokenKind_string || kind == TokenKind_number)
        CHECK(it.begin_ >= input && it.begin_ <= it.end_ && it.end_ <= input + size);
    if (kind == TokenKind_number && at == input) CHECK(it.state_ != ScannerState_number_integer);
    if (it.state_ == ScannerState_literal) CHECK(*it.literal_ != 0);
}

#elif defined(PROOF_unescape)
// Any text that the scanner took for the inside of a string, decoded where it lies.
int main(void) {
    const size_t size = up_to(BOUND);
    char* const text = any_bytes(size + 1);
    text[size] = '"';
    Scanner scanner;
    Scanner_init(&scanner);
    Scanner_set_input(&scanner, text, text + size + 1);
    ASSUME(Scanner_string(&scanner, text, false, true) == TokenKind_string && scanner.is_complete_ &&
           scanner.end_ == text + size);
    char* const exact = any_bytes(size);
    for (size_t i = 0; i != size; ++i) exact[i] = text[i];
    if (any_flag()) {
        const StringView out = unescape_atom(exact, exact + size, exact);
        CHECK(out.data_ == exact && out.size_ <= size);
        for (size_t i = 0; i < out.size_;) {
            const Sequence sequence = utf8_sequence_at(out.data_ + i, out.data_ + out.size_);
            CHECK(sequence.valid);
            i += sequence.length;
        }
        return 0;
    }
    // In steps, with more to come or not.
    Unescaper it;
    Unescaper_init(&it);
    Unescaper_set(&it, exact, exact + size, exact);
    it.last = any_flag();
    it.escapes = any_flag();
    const Stop stop = Unescaper_run(&it);
    CHECK(it.at >= exact && it.at <= exact + size);
    CHECK(it.out >= exact && it.out <= it.at);
    if (stop == Stop_end) CHECK(it.at == exact + size);
    if (stop == Stop_cut) CHECK(!it.last && (size_t)(exact + size - it.at) < 12);
    if (stop == Stop_bad_byte) CHECK(it.out < it.at);
    if (stop == Stop_high_half) CHECK(it.last && is_high_surrogate(it.half));
}

#elif defined(PROOF_buffer)
// The marks of a receive buffer, wherever they stand.
int main(void) {
    const size_t size = up_to(BOUND);
    char* const memory = any_bytes(size);
    ReceiveBuffer it;
    it.retained_end = memory + up_to(size);
    it.unread = memory + up_to(size);
    it.deframed_end = memory + up_to(size);
    it.received_end = memory + up_to(size);
    it.limit = memory + up_to(size);
    ASSUME(ReceiveBuffer_is_ordered(&it));
    char before[BOUND + 1];
    const size_t unread = (size_t)(it.received_end - it.unread), deframed = (size_t)(it.deframed_end - it.unread);
    for (size_t i = 0; i != unread; ++i) before[i] = it.unread[i];
    const size_t retained = (size_t)(it.retained_end - memory);
    const size_t wanted = nondet_any_size();
    const size_t unused = ReceiveBuffer_unused(&it);
    ReceiveBuffer_has_room(&it);
    const size_t got = ReceiveBuffer_reserve(&it, wanted);
    CHECK(ReceiveBuffer_is_ordered(&it));
    CHECK(got == (wanted < unused ? wanted : unused));
    CHECK(it.retained_end == memory + retained + got);
    CHECK((size_t)(it.received_end - it.unread) == unread && (size_t)(it.deframed_end - it.unread) == deframed);
    for (size_t i = 0; i != unread; ++i) CHECK(it.unread[i] == before[i]);
}

#elif defined(PROOF_joined)
// Pieces of an input joined where they lie, a line feed between two lines.
int main(void) {
    const size_t size = up_to(BOUND);
    char* const memory = any_bytes(size);
    JoinedText it;
    JoinedText_init(&it);
    size_t at = 0, length = 0;
    char expected[2 * BOUND];
    for (int piece = 0; piece != 2; ++piece) {
        const bool begins_line = any_flag();
        const size_t gap = up_to(size - at);
        ASSUME(!(begins_line && piece != 0) || gap != 0);
        const size_t count = up_to(size - at - gap);
        at += gap;
        if (begins_line && piece != 0) expected[length++] = '\n';
        for (size_t i = 0; i != count; ++i) expected[length++] = memory[at + i];
        JoinedText_append(&it, memory + at, count, begins_line);
        at += count;
    }
    const StringView text = JoinedText_view(&it);
    CHECK(text.size_ == length && text.data_ >= memory && text.data_ + text.size_ <= memory + at);
    for (size_t i = 0; i != length; ++i) CHECK(text.data_[i] == expected[i]);
    JoinedText_skip_blanks(&it);
    CHECK(it.begin_ <= it.end_);
    char* const end = JoinedText_move_to(&it, memory);
    CHECK(end >= memory && end <= memory + at);
}
#endif
