// A line that a person types: with arrow keys, and with the lines before it.
#pragma once

#include "terminal.hpp"

#include <algorithm>
#include <vector>

class LineEditor {
public:
    enum class Result : uint8_t { line, end_of_input, interrupted };

    explicit LineEditor(Terminal& terminal) : terminal_(terminal) {}

    // Waits for a line, after a prompt of so many columns. One that is longer than the terminal is wide moves sideways
    // below it, and is written out when it is finished.
    Result read(std::string& line, int prompt_columns) {
        const Terminal::Raw raw;
        room_ = std::max(8, terminal_.columns() - prompt_columns - 1);
        begin_ = 0;
        shown_columns_ = 0;
        std::vector<std::string> lines = lines_;  // as they were, and as they are edited now; the last one is new
        lines.emplace_back();
        size_t which = lines.size() - 1, at = 0;
        for (std::string text;;) {
            std::string& now = lines[which];
            draw(now, at, room_);
            switch (terminal_.read_key(text)) {
                case Key::text:
                    now.insert(at, text);
                    at += text.size();
                    break;
                case Key::left: at = left_of(now, at); break;
                case Key::right: at = right_of(now, at); break;
                case Key::home: at = 0; break;
                case Key::end: at = now.size(); break;
                case Key::up:
                    if (which != 0) at = lines[--which].size();
                    break;
                case Key::down:
                    if (which + 1 != lines.size()) at = lines[++which].size();
                    break;
                case Key::backspace: at = erase(now, left_of(now, at), at); break;
                case Key::remove: erase(now, at, right_of(now, at)); break;
                case Key::erase_line: at = erase(now, 0, at); break;
                case Key::erase_rest: erase(now, at, now.size()); break;
                case Key::erase_word: at = erase(now, word_before(now, at), at); break;
                case Key::enter:
                    draw(now, now.size(), 1 << 30);
                    fputs("\n", stdout);
                    line = now;
                    if (!line.empty() && (lines_.empty() || lines_.back() != line)) lines_.push_back(line);
                    return Result::line;
                case Key::end_of_input:
                    if (now.empty()) return Result::end_of_input;
                    erase(now, at, right_of(now, at));
                    break;
                case Key::interrupt: return Result::interrupted;
                case Key::other: break;
            }
        }
    }

private:
    static size_t erase(std::string& line, size_t begin, size_t end) {
        line.erase(begin, end - begin);
        return begin;
    }
    static int width(const std::string& line, size_t at) {
        return std::max(0, columns_of(character_at(line, at).code_point));
    }
    static int width(const std::string& line, size_t begin, size_t end) {
        int columns = 0;
        for (size_t at = begin; at < end; at += character_at(line, at).size) columns += width(line, at);
        return columns;
    }
    // An accent belongs to the letter before it.
    static size_t right_of(const std::string& line, size_t at) {
        if (at < line.size()) at += character_at(line, at).size;
        while (at < line.size() && width(line, at) == 0) at += character_at(line, at).size;
        return at;
    }
    static size_t left_of(const std::string& line, size_t at) {
        size_t before = 0;
        for (size_t next = 0; next < at; next = right_of(line, next)) before = next;
        return before;
    }
    static size_t word_before(const std::string& line, size_t at) {
        while (at != 0 && line[at - 1] == ' ') --at;
        while (at != 0 && line[at - 1] != ' ') --at;
        return at;
    }

    // The part of the line around the cursor, in place of what was drawn before.
    void draw(const std::string& line, size_t at, int room) {
        if (at < begin_ || room != room_) begin_ = room == room_ ? at : 0;
        while (width(line, begin_, at) > room) begin_ = right_of(line, begin_);
        size_t end = at;
        while (end < line.size() && width(line, begin_, right_of(line, end)) <= room) end = right_of(line, end);
        if (shown_columns_ != 0) printf("\033[%dD", shown_columns_);
        printf("%s\033[K", line.substr(begin_, end - begin_).c_str());
        const int after = width(line, at, end);
        if (after != 0) printf("\033[%dD", after);
        shown_columns_ = width(line, begin_, at);
        fflush(stdout);
    }

    Terminal& terminal_;
    std::vector<std::string> lines_;
    int room_ = 0;
    size_t begin_ = 0;       // of the part that is drawn
    int shown_columns_ = 0;  // from there to the cursor
};
