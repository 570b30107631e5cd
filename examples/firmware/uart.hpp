#pragma once
// What the library needs of a link, by what the board has. wait and now_ms are for next() and for Timeouts; a program
// that calls poll() from a loop of its own has no need of wait.
#include "board.hpp"
#include "openai_stream.hpp"

namespace oai = openai_stream;

struct Uart {
    oai::IoResult pull(char* into, size_t room) {
        const size_t count = board::uart_get(into, room);
        return count != 0 ? oai::IoResult::bytes(count) : oai::IoResult::would_block();
    }
    oai::IoResult push(const char* from, size_t count) {
        const size_t sent = board::uart_put(from, count);
        return sent != 0 ? oai::IoResult::bytes(sent) : oai::IoResult::would_block();
    }
    oai::IoResult wait(oai::Interest, uint32_t) {
        board::sleep();
        return oai::IoResult::ready();
    }
    uint32_t now_ms() { return board::millis(); }
};

inline void print(oai::StringView text) { board::print(text.data(), text.size()); }

inline void print_line(oai::StringView name, size_t value) {
    char digits[20];
    print(name);
    print(oai::ascii::format_decimal(value, digits));
    print("\n");
}
