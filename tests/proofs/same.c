// The C that extract.py made, for same.cpp: what each function says of an input, as a text.
#include "extracted.c"

#include <stdio.h>

static char* out;
static void say(long long number) { out += sprintf(out, "%lld ", number); }
static void say_text(const char* base, StringView text) {
    say(text.data_ ? text.data_ - base : -1);
    say((long long)text.size_);
}

void c_of(int what, const char* text, size_t size, size_t cut, char* into) {
    const char* const end = text + size;
    out = into;
    *out = '\0';
    if (what == 0 && size != 0) {
        const Sequence s = utf8_sequence_at(text, end);
        say(s.length), say(s.valid), say(s.incomplete);
    } else if (what == 1) {
        Scanner it;
        Scanner_init(&it);
        for (int half = 0; half != 2; ++half) {
            Scanner_set_input(&it, half ? text + cut : text, half ? end : text + cut);
            for (int turn = 0; turn != 200; ++turn) {
                const TokenKind kind = Scanner_next(&it);
                say(kind), say(Scanner_at(&it) - text), say(Scanner_depth(&it)), say(Scanner_error(&it));
                if (kind == TokenKind_key || kind == TokenKind_string || kind == TokenKind_number) {
                    say(it.begin_ - text), say(it.end_ - text), say(it.is_complete_), say(it.has_escape_);
                    say(it.above_ascii_);
                    int64_t value = 0;
                    if (kind == TokenKind_number && it.is_complete_ && it.is_first_)
                        say(to_integer(it.begin_, it.end_, &value, 0)), say(value);
                }
                if (kind == TokenKind_need_more || kind == TokenKind_failed) break;
            }
        }
        say(Scanner_finish(&it));
    } else if (what == 2) {
        LineDecoder it;
        LineDecoder_init(&it);
        const char* at = text;
        for (int half = 0; half != 2; ++half)
            while (true) {
                const LineKind kind = LineDecoder_next(&it, &at, half ? end : text + cut);
                say(kind), say(at - text), say(LineDecoder_has_field(&it));
                if (kind == LineKind_need_more) break;
                if (kind == LineKind_value) say(it.field_), say_text(text, LineDecoder_text(&it));
            }
    } else if (what == 3) {
        ResponseParser it;
        ResponseParser_init(&it);
        const char* at = text;
        for (int half = 0; half != 2; ++half)
            while (true) {
                const ParseEvent event = ResponseParser_next(&it, at, half ? end : text + cut);
                at = ResponseParser_at(&it);
                say(event), say(at - text), say(it.error_), say(ResponseParser_status(&it));
                if (event == ParseEvent_body || event == ParseEvent_field_name || event == ParseEvent_field_value)
                    say_text(text, it.text_), say(ResponseParser_field(&it));
                if (event == ParseEvent_need_more || event == ParseEvent_end || event == ParseEvent_failed) break;
            }
        say(ResponseParser_finish(&it)), say(it.error_), say(ResponseParser_keep_alive(&it));
    } else if (what == 4) {
        uint32_t delay = 0;
        say(to_delay_ms(text, end, cut % 2, &delay)), say(delay);
        say(to_unix_seconds(StringView_make(text, size)));
    }
}
