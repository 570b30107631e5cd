#pragma once
// A modem in command mode, whose bytes come in the middle of its other words: ESP-AT and its like (AT+CIPSTART,
// AT+CIPSEND with its prompt, +IPD, CLOSED). Run by tests/adapters against a scripted modem that interrupts, splits and
// says "busy". For a modem in transparent mode see the manual, PORTING.
//
// Uart is a type of yours: size_t get(char*, size_t) and size_t put(const char*, size_t) move what can be moved now and
// return the count; void sleep(uint32_t ms) ends early when bytes come; uint32_t millis().
#include <string.h>

#include "openai_stream.hpp"

template <class Uart> class AtModem {
public:
    explicit AtModem(Uart& uart) : uart_(uart) {}

    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        if (state_ == State::closing) {
            listen();
            if (answer_ == Answer::none) return openai_stream::IoResult::would_block();
            state_ = State::idle;
        }
        if (state_ == State::idle) {
            answer_ = Answer::none;
            is_closed_ = false;
            say("AT+CIPSTART=\"TCP\",\"");
            say(host);
            say("\",");
            char digits[20];
            say(openai_stream::ascii::format_decimal(port, digits));
            say("\r\n");
            state_ = State::connecting;
        }
        listen();
        if (answer_ == Answer::ok) return finish(State::connected, openai_stream::IoResult::ready());
        if (answer_ == Answer::error) return finish(State::idle, openai_stream::IoResult::failed(1));
        return openai_stream::IoResult::would_block();
    }

    openai_stream::IoResult pull(char* into, size_t room) {
        listen();
        if (data_left_ == 0)
            return is_closed_ ? openai_stream::IoResult::closed() : openai_stream::IoResult::would_block();
        const size_t count = get(into, room < data_left_ ? room : data_left_);
        data_left_ -= count;
        return count != 0 ? openai_stream::IoResult::bytes(count) : openai_stream::IoResult::would_block();
    }

    // A command, its prompt, the bytes, SEND OK: one call after another, since the library comes back with the same
    // bytes as long as this would block. Bytes that the server sends meanwhile are pulled in between.
    openai_stream::IoResult push(const char* from, size_t count) {
        if (count > 2048) count = 2048;  // more the modem does not take at a time
        if (state_ == State::connected) {
            if (is_closed_) return openai_stream::IoResult::closed();
            char digits[20];
            say("AT+CIPSEND=");
            say(openai_stream::ascii::format_decimal(count, digits));
            say("\r\n");
            state_ = State::wants_prompt;
        }
        listen();
        if (state_ == State::wants_prompt && answer_ == Answer::prompt) {
            say({from, count});
            answer_ = Answer::none;
            state_ = State::sending;
            listen();
        }
        if (state_ == State::wants_prompt && answer_ == Answer::busy)  // ask again later
            return finish(State::connected, openai_stream::IoResult::would_block());
        if (state_ == State::sending && answer_ == Answer::sent)
            return finish(State::connected, openai_stream::IoResult::bytes(count));
        if (answer_ == Answer::error) return finish(State::connected, openai_stream::IoResult::failed(2));
        if (is_closed_ && data_left_ == 0) return finish(State::connected, openai_stream::IoResult::closed());
        return openai_stream::IoResult::would_block();
    }

    // What the modem still brings of this connection is not the next one's: dial() first hears that it is closed.
    void hang_up() {
        if (state_ == State::idle || state_ == State::closing) return;
        say("AT+CIPCLOSE\r\n");
        state_ = State::closing;
        answer_ = Answer::none;
    }

    // How waiting works: the processor sleeps until bytes come.
    openai_stream::IoResult wait(openai_stream::Interest, uint32_t ms) {
        uart_.sleep(ms);
        return openai_stream::IoResult::ready();
    }
    uint32_t now_ms() { return uart_.millis(); }

private:
    enum class State : uint8_t { idle, connecting, connected, wants_prompt, sending, closing };
    enum class Answer : uint8_t { none, ok, prompt, sent, busy, error };

    openai_stream::IoResult finish(State state, openai_stream::IoResult io) {
        state_ = state;
        answer_ = Answer::none;
        return io;
    }
    size_t get(char* into, size_t room) { return uart_.get(into, room); }
    void say(openai_stream::StringView text) {
        while (!text.empty()) text = text.drop(uart_.put(text.data(), text.size()));
    }

    // Reads what the modem says, up to the next bytes of the server: these are for pull, or for nobody.
    void listen() {
        char c;
        while ((data_left_ == 0 || state_ == State::closing) && get(&c, 1) == 1) {
            if (data_left_ != 0) {
                --data_left_;
            } else if (c == '>' && line_size_ == 0 && state_ == State::wants_prompt) {
                answer_ = Answer::prompt;
            } else if (c == ' ' && line_size_ == 0) {
                continue;  // after the prompt
            } else if (c == ':' && line().take(5) == "+IPD,") {
                data_left_ = number_in(line().drop(5));
                line_size_ = 0;
            } else if (c != '\r' && c != '\n') {
                if (line_size_ != sizeof line_) line_[line_size_++] = c;
            } else if (line_size_ != 0) {
                understand(line());
                line_size_ = 0;
            }
        }
    }
    openai_stream::StringView line() const { return {line_, line_size_}; }
    void understand(openai_stream::StringView said) {
        if (said == "SEND OK") answer_ = Answer::sent;
        else if (said == "OK" && (state_ == State::connecting || state_ == State::closing)) answer_ = Answer::ok;
        else if (said.take(4) == "busy") answer_ = Answer::busy;
        else if (said == "ERROR" || said == "FAIL" || said == "SEND FAIL") answer_ = Answer::error;
        else if (said == "CLOSED") is_closed_ = state_ != State::connecting;
        // What is left is an echo, CONNECT, "Recv 123 bytes", news of the network, or the OK of AT+CIPSEND.
    }
    static size_t number_in(openai_stream::StringView digits) {
        size_t number = 0;
        for (size_t at = 0; at != digits.size() && digits.data()[at] >= '0' && digits.data()[at] <= '9'; ++at)
            if (number < 100000) number = number * 10 + static_cast<size_t>(digits.data()[at] - '0');
        return number;
    }

    Uart& uart_;
    char line_[64];
    size_t line_size_ = 0, data_left_ = 0;
    State state_ = State::idle;
    Answer answer_ = Answer::none;
    bool is_closed_ = false;
};

// The loop of a program that has nothing else to do; next() sleeps in wait().
template <class Show> void ask_by_modem(openai_stream::Stream& stream, Show show) {
    for (const openai_stream::Event& event : stream) show(event);
}
