// A terminal for a program that a person types into: its keys, its width, the width of characters. POSIX and Windows;
// everything written to it is UTF-8 with the escape codes of ECMA-48, which Windows knows since version 10.
#pragma once

#include "openai_stream.hpp"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#if defined(_WIN32)
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#include <io.h>
#else
#include <errno.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#endif

// Columns of a character; -1: it is a control character. Unicode's East Asian Width in a few ranges.
inline int columns_of(uint32_t c) {
    struct Range {
        uint32_t first, last;
    };
    static constexpr Range none[] = {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},
                                     {0x64B, 0x65F},   {0xE31, 0xE31},   {0xE34, 0xE3A},   {0x1AB0, 0x1AFF},
                                     {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x2060, 0x2064}, {0x20D0, 0x20FF},
                                     {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE01EF}};
    static constexpr Range two[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
                                    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                                    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return -1;
    for (const Range& range : none)
        if (c >= range.first && c <= range.last) return 0;
    for (const Range& range : two)
        if (c >= range.first && c <= range.last) return 2;
    return 1;
}

// The character at a place of UTF-8 text, and how long it is.
struct Character {
    uint32_t code_point;
    size_t size;
};
inline Character character_at(openai_stream::StringView text, size_t at) {
    const openai_stream::utf8::Sequence found = openai_stream::utf8::sequence_at(text.begin() + at, text.end());
    const size_t size = found.length != 0 ? found.length : 1;
    const auto byte_at = [&](size_t i) { return static_cast<uint32_t>(text[at + i]) & 0xFF; };
    uint32_t code_point = size == 1 ? byte_at(0) : byte_at(0) & (0x7Fu >> size);
    for (size_t i = 1; i < size; ++i) code_point = code_point << 6 | (byte_at(i) & 0x3F);
    return {code_point, size};
}

// What a person can press.
enum class Key : uint8_t {
    text,
    enter,
    left,
    right,
    up,
    down,
    home,
    end,
    backspace,
    remove,
    end_of_input,
    interrupt,
    erase_line,
    erase_rest,
    erase_word,
    other
};

class Terminal {
public:
    Terminal() {
#if defined(_WIN32)
        SetConsoleOutputCP(CP_UTF8);
        HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
        DWORD mode = 0;
        is_output_ = GetConsoleMode(out, &mode) != 0;
        // ENABLE_VIRTUAL_TERMINAL_PROCESSING
        if (is_output_) SetConsoleMode(out, mode | 0x0004);
        is_input_ = GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) != 0;
#else
        is_output_ = isatty(STDOUT_FILENO) != 0;
        is_input_ = isatty(STDIN_FILENO) != 0;
#endif
    }
    bool is_output() const { return is_output_; }
    bool is_input() const { return is_input_; }

    int columns() const {
#if defined(_WIN32)
        CONSOLE_SCREEN_BUFFER_INFO info = {};
        const bool is_known = GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info) != 0;
        return is_known && info.dwSize.X > 2 ? info.dwSize.X : 80;
#else
        winsize size = {};
        return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 2 ? size.ws_col : 80;
#endif
    }

    // Keys come one by one, and none of them does anything by itself, until the end of a scope.
    class Raw {
    public:
#if defined(_WIN32)
        Raw() {
            GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &before_);
            SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), 0);
        }
        ~Raw() { SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), before_); }

    private:
        DWORD before_ = 0;
#else
        Raw() {
            tcgetattr(STDIN_FILENO, &before_);
            termios raw = before_;
            raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
            raw.c_iflag &= ~static_cast<tcflag_t>(IXON);
            raw.c_cc[VMIN] = 1;
            raw.c_cc[VTIME] = 0;
            tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
        }
        ~Raw() { tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }

    private:
        termios before_;
#endif
    public:
        Raw(const Raw&) = delete;
        Raw& operator=(const Raw&) = delete;
    };

    // Waits for a key; its text, of whole characters, if it is one.
    Key read_key(std::string& text) {
        text.clear();
#if defined(_WIN32)
        wchar_t units[2];
        for (int count = 0;;) {
            INPUT_RECORD record;
            DWORD read = 0;
            if (!ReadConsoleInputW(GetStdHandle(STD_INPUT_HANDLE), &record, 1, &read)) return Key::end_of_input;
            if (record.EventType != KEY_EVENT || !record.Event.KeyEvent.bKeyDown) continue;
            switch (record.Event.KeyEvent.wVirtualKeyCode) {
                case VK_LEFT: return Key::left;
                case VK_RIGHT: return Key::right;
                case VK_UP: return Key::up;
                case VK_DOWN: return Key::down;
                case VK_HOME: return Key::home;
                case VK_END: return Key::end;
                case VK_DELETE: return Key::remove;
                default: break;
            }
            const wchar_t unit = record.Event.KeyEvent.uChar.UnicodeChar;
            if (unit == 0) continue;
            if (unit < 0x20 || unit == 0x7F) return control(static_cast<char>(unit));
            units[count++] = unit;
            if (count == 1 && unit >= 0xD800 && unit < 0xDC00) continue;  // the other half is the next event
            char bytes[8];
            const int size = WideCharToMultiByte(CP_UTF8, 0, units, count, bytes, sizeof bytes, nullptr, nullptr);
            text.assign(bytes, static_cast<size_t>(size));
            return Key::text;
        }
#else
        char c;
        if (!read_byte(c)) return Key::end_of_input;
        if (c == '\033') return escape();
        if ((c & 0xE0) == 0 || c == '\177') return control(c);
        text += c;
        for (int left = (c & 0xF8) == 0xF0 ? 3 : (c & 0xF0) == 0xE0 ? 2 : (c & 0xE0) == 0xC0 ? 1 : 0; left > 0; --left)
            if (read_byte(c)) text += c;
        return Key::text;
#endif
    }

private:
    static Key control(char c) {
        switch (c) {
            case '\r':
            case '\n': return Key::enter;
            case '\b':
            case '\177': return Key::backspace;
            case 'A' - 64: return Key::home;
            case 'B' - 64: return Key::left;
            case 'C' - 64: return Key::interrupt;
            case 'D' - 64: return Key::end_of_input;
            case 'E' - 64: return Key::end;
            case 'F' - 64: return Key::right;
            case 'K' - 64: return Key::erase_rest;
            case 'N' - 64: return Key::down;
            case 'P' - 64: return Key::up;
            case 'U' - 64: return Key::erase_line;
            case 'W' - 64: return Key::erase_word;
            default: return Key::other;
        }
    }
#if !defined(_WIN32)
    static bool read_byte(char& c) {
        ssize_t count;
        do count = read(STDIN_FILENO, &c, 1);
        while (count < 0 && errno == EINTR);
        return count == 1;
    }
    // ESC [ digits letter, or ESC O letter.
    static Key escape() {
        char c;
        int number = 0;
        if (!read_byte(c) || (c != '[' && c != 'O')) return Key::other;
        while (read_byte(c) && ((c >= '0' && c <= '9') || c == ';'))
            number = c == ';' ? 0 : number % 100 * 10 + c - '0';
        switch (c) {
            case 'A': return Key::up;
            case 'B': return Key::down;
            case 'C': return Key::right;
            case 'D': return Key::left;
            case 'H': return Key::home;
            case 'F': return Key::end;
            case '~': break;
            default: return Key::other;
        }
        return number == 1 || number == 7   ? Key::home
               : number == 4 || number == 8 ? Key::end
               : number == 3                ? Key::remove
                                            : Key::other;
    }
#endif

    bool is_input_ = false, is_output_ = false;
};
