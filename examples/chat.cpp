// Build: c++ -std=c++17 -I.. chat.cpp -o chat
// Run: ./chat
//
// A chat in the terminal. Look at how words stay whole at the right edge and **bold** turns bold while the words still
// come; the arrow keys edit a question and bring earlier ones back. From the environment: OPENAI_BASE_URL,
// OPENAI_API_KEY, OPENAI_MODEL and NO_COLOR. For https URLs add: -DOPENAI_STREAM_MBEDTLS -lmbedtls -lmbedx509
// -lmbedcrypto; SSL_CERT_FILE is as in quick.cpp. On Windows: -lws2_32.
// Without a terminal each line of standard input is a question, and nothing but answers goes to standard output.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "line_editor.hpp"
#include "markdown.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <atomic>
#include <string>
#if !defined(_WIN32)
#include <signal.h>
#endif

namespace oai = openai_stream;

static std::atomic<oai::Stream*> answering{nullptr};  // what Ctrl-C cancels
static std::atomic<int> interrupts{0};                // since the last line was read

static void interrupt() {
    ++interrupts;
    if (oai::Stream* stream = answering) stream->cancel();
}
#if defined(_WIN32)
static void catch_interrupts() {
    SetConsoleCtrlHandler([](DWORD event) { return event == CTRL_C_EVENT ? interrupt(), TRUE : FALSE; }, TRUE);
}
#else
static void catch_interrupts() {
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupt(); };
    sigaction(SIGINT, &action, nullptr);
}
#endif

// The conversation so far, in memory of fixed size: the oldest turns make room for new ones.
class History {
public:
    void clear() { count_ = used_ = 0; }

    // Both are false when there is no room, even with all other turns gone; then nothing is added.
    bool add(oai::Role role, oai::StringView text) {
        if (text.size() > sizeof text_) return false;
        if (count_ == max_turns) drop_oldest();
        turns_[count_++] = {role, 0};
        return append_to_last(text);
    }
    bool append_to_last(oai::StringView text) {
        while (text.size() > sizeof text_ - used_ && count_ > 1) drop_oldest();
        if (text.size() > sizeof text_ - used_) return false;
        if (!text.empty()) memcpy(text_ + used_, text.data(), text.size());
        used_ += text.size();
        turns_[count_ - 1].size += text.size();
        return true;
    }
    void drop_last() { used_ -= turns_[--count_].size; }

    // Valid until the history changes.
    oai::List<oai::Message> messages() {
        const char* text = text_;
        for (size_t at = 0; at < count_; text += turns_[at++].size)
            messages_[at] = {turns_[at].role, {text, turns_[at].size}};
        return {messages_, count_};
    }

private:
    // A conversation begins with a question: what was said to the dropped one goes with it.
    void drop_oldest() {
        size_t dropped = 0, size = 0;
        do size += turns_[dropped++].size;
        while (dropped + 1 < count_ && turns_[dropped].role != oai::Role::user);
        memmove(text_, text_ + size, used_ -= size);
        memmove(turns_, turns_ + dropped, (count_ -= dropped) * sizeof *turns_);
    }

    struct Turn {
        oai::Role role;
        size_t size;  // of its text, which lies after that of the turn before
    };
    static constexpr size_t max_turns = 200;
    char text_[64 * 1024];
    size_t used_ = 0;
    Turn turns_[max_turns];
    size_t count_ = 0;
    oai::Message messages_[max_turns];
};

// Standard output. On a terminal words stay whole at the right edge, and control characters are left out.
class Screen {
public:
    static constexpr const char *plain = "\033[0m", *dim = "\033[2m", *bold = "\033[1m", *slanted = "\033[3m",
                                *code = "\033[36m";

    explicit Screen(const Terminal& terminal) : terminal_(terminal) { measure(); }

    bool is_terminal() const { return terminal_.is_output(); }

    void style(const char* style) {
        if (!has_colors_) return;
        fputs(style, stdout);
        if (style == plain) style_.clear();
        style_ += style;
        if (!word_.empty()) word_ += style;
    }

    // Pieces of text that begin and end between two characters.
    void put(oai::StringView text) {
        if (!is_terminal()) fwrite(text.data(), 1, text.size(), stdout);
        for (size_t at = 0; at != text.size();) {
            const Character character = character_at(text, at);
            if (is_terminal()) place(character, text.drop(at).take(character.size));
            else column_ = text[at] == '\n' ? 0 : 1;
            at += character.size;
        }
        fflush(stdout);
    }
    // Pieces of an answer, which may be emphasized.
    void put_answer(oai::StringView text) {
        if (!has_colors_) return put(text);
        markdown_.add(text, [this](oai::StringView piece, Markdown::Style style) { put_in(piece, style); });
    }
    void end_answer() {
        markdown_.finish([this](oai::StringView piece, Markdown::Style style) { put_in(piece, style); });
        style(plain);
    }
    void end_line() {
        if (column_ != 0) put("\n");
    }
    // A line beside the conversation.
    void note(const std::string& text, const char* in_style = dim) {
        if (!is_terminal()) return static_cast<void>(fprintf(stderr, "-- %s\n", text.c_str()));
        end_line();
        style(in_style);
        put("-- ");
        put(text);
        style(plain);
        end_line();
    }
    void prompt() {
        measure();
        style(bold);
        fputs("\n> ", stdout);
        style(plain);
        fflush(stdout);
    }

private:
    void measure() { width_ = terminal_.columns() - 1; }

    void put_in(oai::StringView text, Markdown::Style wanted) {
        style(plain);
        if (wanted.bold) style(bold);
        if (wanted.slanted) style(slanted);
        if (wanted.code) style(code);
        put(text);
    }
    void place(Character character, oai::StringView bytes) {
        const int columns = columns_of(character.code_point);
        if (bytes[0] == '\n') start_line();
        for (int left = 4; bytes[0] == '\t' && left != 0; --left) place({' ', 1}, " ");
        if (columns < 0) return;
        if (bytes[0] == ' ') {
            word_.clear();
            if (column_ == width_) return;
        } else {
            if (column_ + columns > width_) wrap();
            if (word_.empty()) {
                word_column_ = column_;
                word_ = style_;
            }
            word_.append(bytes.data(), bytes.size());
        }
        fwrite(bytes.data(), 1, bytes.size(), stdout);
        column_ += columns;
    }
    // Takes the word that does not fit to the next line, unless it is as long as a line.
    void wrap() {
        const std::string word = word_column_ > 0 ? word_ : "";
        const int columns = word.empty() ? 0 : column_ - word_column_;
        if (columns != 0) printf("\033[%dD\033[K", columns);
        start_line();
        fputs(word.c_str(), stdout);
        word_ = word;
        column_ = columns;
        word_column_ = 0;
    }
    void start_line() {
        putchar('\n');
        column_ = 0;
        word_.clear();
    }

    const Terminal& terminal_;
    const bool has_colors_ = terminal_.is_output() && *setting("NO_COLOR", "") == '\0';
    Markdown markdown_;
    int width_ = 79;
    int column_ = 0;
    std::string style_;  // since the last plain
    std::string word_;   // that is being written, with its styles, and where it began
    int word_column_ = 0;
};

class Chat {
public:
    Screen screen;

    explicit Chat(const Terminal& terminal) : screen(terminal) { stream_.use(retries_); }

    std::string greeting() const { return model_ + " at " + url_ + ". /help says what you can do."; }

    // Returns false if the answer is not complete.
    bool ask(const std::string& question) {
        if (!history_.add(oai::Role::user, question)) {
            screen.note("That is too long for this chat's memory.");
            return false;
        }
        const oai::ChatRequest request(model_, history_.messages());
        stream_.open(server_, request);
        answering = &stream_;
        if (interrupts != 0) stream_.cancel();  // Ctrl-C came before there was something to cancel
        show_answer();
        answering = nullptr;
        if (!stream_.failed()) return true;
        char why[500];
        const bool is_cancelled = stream_.error() == oai::Error::cancelled;
        screen.note(is_cancelled ? "Cancelled." : stream_.explain(why), Screen::plain);
        return false;
    }

    // Returns false if the user wants to leave.
    bool obey(const std::string& command) {
        const std::string name = command.substr(0, command.find(' ')), value = command.substr(name.size());
        if (name == "/reset") {
            history_.clear();
            screen.note("The conversation begins anew.");
        } else if (name == "/model") {
            if (!value.empty()) model_ = value.substr(value.find_first_not_of(" "));
            screen.note("The model is " + model_ + '.');
        } else if (name == "/help") {
            screen.note("/reset        forget the conversation\n-- /model NAME   take another model\n"
                        "-- /quit         leave, as Ctrl-D does\n-- Ctrl-C        stop the answer\n"
                        "-- Up, Down      questions that were asked before");
        } else if (name != "/quit") {
            screen.note("There is no " + name + "; /help says what there is.");
        }
        return name != "/quit";
    }

private:
    void show_answer() {
        bool has_text = false;
        oai::EventKind shown = oai::EventKind::text;
        for (const oai::Event& event : stream_) {
            const bool is_text = event.is_text() || event.is_refusal();
            const bool is_thought = event.is_reasoning();
            const bool is_call = event.is_tool_call();
            const bool is_argument = event.is_tool_arguments();
            const oai::StringView text = is_call ? event.name : event.text;
            if (event.finish_reason == oai::FinishReason::length) screen.note("The answer may not be longer.");
            if (text.empty() || !(is_text || is_thought || is_call || is_argument)) continue;

            if (is_text && !has_text) has_text = history_.add(oai::Role::assistant, text);
            else if (is_text) history_.append_to_last(text);
            if (!is_text && !screen.is_terminal()) continue;
            const bool is_new = is_call || (event.kind != shown && !is_argument);
            if (is_new) screen.end_line();
            screen.style(is_text ? Screen::plain : Screen::dim);
            if (is_new && !is_text) screen.put(is_call ? "calls " : "thinking: ");
            if (is_text) screen.put_answer(text);
            else screen.put(text);
            if (is_call) screen.put(" ");
            shown = event.kind;
        }
        screen.end_answer();
        if (stream_.error() == oai::Error::cancelled) screen.put("\n");  // after the ^C that the terminal shows
        screen.end_line();
        if (!has_text) history_.drop_last();  // the question, which can be asked again
        const oai::Latency& took = stream_.timeouts()->latency();
        if (!screen.is_terminal() || took.first_token_ms == oai::Latency::unknown) return;

        char text[100] = "";
        const double rate = took.tokens_per_second();
        if (rate > 0) snprintf(text, sizeof text, ", %.1f tokens/s", rate);
        const uint32_t retries = retries_.stats().retries;
        const std::string tries = retries != 0 ? ", tried " + std::to_string(retries + 1) + " times" : "";
        screen.note(std::to_string(took.first_token_ms) + " ms to the first token" + text + tries);
    }

    const std::string url_ = setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1");
    const std::string key_ = setting("OPENAI_API_KEY", "");
    std::string model_ = setting("OPENAI_MODEL", "local");
    const oai::Endpoint server_{url_, key_};
    Connection connection_{server_};
    char memory_[16 * 1024];
    oai::RetryPolicy retries_;
    oai::Stream stream_{connection_, memory_};
    History history_;
};

// A line of standard input without its end. Returns false if there is none.
static bool read_line(std::string& line) {
    line.clear();
    int c;
    while ((c = getchar()) != EOF && c != '\n') line += static_cast<char>(c);
    return c != EOF || !line.empty();
}

int main() {
    static Terminal terminal;
    static Chat chat(terminal);
    LineEditor editor(terminal);
    const bool is_interactive = terminal.is_input() && terminal.is_output();
    bool is_well = true;
    if (is_interactive) {
        catch_interrupts();
        chat.screen.note(chat.greeting());
    }
    for (std::string line;;) {
        LineEditor::Result result = LineEditor::Result::line;
        if (is_interactive) {
            chat.screen.prompt();
            result = editor.read(line, 2);
        } else if (!read_line(line)) {
            return is_well ? 0 : 1;
        }
        if (result != LineEditor::Result::line) puts("");
        if (result == LineEditor::Result::end_of_input) return 0;
        if (result == LineEditor::Result::interrupted) {
            if (++interrupts > 1) return 0;
            chat.screen.note("Ctrl-C again leaves.");
            continue;
        }
        interrupts = 0;
        line.erase(0, line.find_first_not_of(" \t\r"));
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (line.empty()) continue;
        if (line[0] != '/') is_well = chat.ask(line);
        else if (!chat.obey(line)) return 0;
    }
}
