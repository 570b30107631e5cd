// Build: c++ -std=c++17 -I.. chat.cpp -o chat
// Run: ./chat
//
// A chat in the terminal. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL and NO_COLOR. For https
// URLs add: -DOPENAI_STREAM_MBEDTLS -lmbedtls -lmbedx509 -lmbedcrypto; SSL_CERT_FILE is as in quick.cpp.
// Without a terminal each line of standard input is a question, and nothing but answers goes to standard output.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <wchar.h>
#include <atomic>
#include <string>

namespace oai = openai_stream;

static std::atomic<oai::Stream*> answering{nullptr};  // what Ctrl-C cancels
static volatile sig_atomic_t interrupts = 0;          // since the last line was read

static void on_interrupt(int) {
    interrupts = interrupts + 1;
    if (oai::Stream* stream = answering) stream->cancel();
}

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
    static constexpr const char *plain = "\033[0m", *dim = "\033[2m", *bold = "\033[1m";

    Screen() { measure(); }

    const bool is_terminal = isatty(STDOUT_FILENO) != 0;

    void style(const char* code) { fputs(has_colors_ ? code : "", stdout); }

    // Pieces of text that begin and end between two characters.
    void put(oai::StringView text) {
        if (!is_terminal) fwrite(text.data(), 1, text.size(), stdout);
        for (const char* at = text.begin(); at != text.end();) {
            const size_t size = oai::utf8::sequence_at(at, text.end()).length;
            if (is_terminal) place(at, size);
            else column_ = *at == '\n' ? 0 : 1;
            at += size;
        }
        fflush(stdout);
    }
    void end_line() {
        if (column_ != 0) put("\n");
    }
    // A line beside the conversation.
    void note(const std::string& text, const char* in_style = dim) {
        if (!is_terminal) return static_cast<void>(fprintf(stderr, "-- %s\n", text.c_str()));
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
    void measure() {
        winsize size = {};
        width_ = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
    }
    void place(const char* bytes, size_t size) {
        wchar_t character = 0;
        const bool is_known = mbtowc(&character, bytes, size) > 0;  // not without a UTF-8 locale
        const int columns = is_known ? wcwidth(character) : *bytes == '\0' ? -1 : 1;
        if (*bytes == '\n') start_line();
        for (int left = 4; *bytes == '\t' && left != 0; --left) place(" ", 1);
        if (columns < 0) return;
        if (*bytes == ' ') {
            word_.clear();
            if (column_ == width_) return;
        } else {
            if (column_ + columns > width_) wrap();
            if (word_.empty()) word_column_ = column_;
            word_.append(bytes, size);
        }
        fwrite(bytes, 1, size, stdout);
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

    const char* const no_color_ = getenv("NO_COLOR");
    const bool has_colors_ = is_terminal && (no_color_ == nullptr || *no_color_ == '\0');
    int width_ = 79;
    int column_ = 0;
    std::string word_;  // that is being written, and where it began
    int word_column_ = 0;
};

class Chat {
public:
    Screen screen;

    Chat() { stream_.use(retries_); }

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
        if (stream_.error() == oai::Error::none) return true;
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
                        "-- /quit         leave, as Ctrl-D does\n-- Ctrl-C        stop the answer");
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
            const bool is_text = event.kind == oai::EventKind::text || event.kind == oai::EventKind::refusal;
            const bool is_thought = event.kind == oai::EventKind::reasoning;
            const bool is_call = event.kind == oai::EventKind::tool_call;
            const bool is_argument = event.kind == oai::EventKind::tool_arguments;
            const oai::StringView text = is_call ? event.name : event.text;
            if (event.finish_reason == oai::FinishReason::length) screen.note("The answer may not be longer.");
            if (text.empty() || !(is_text || is_thought || is_call || is_argument)) continue;

            if (is_text && !has_text) has_text = history_.add(oai::Role::assistant, text);
            else if (is_text) history_.append_to_last(text);
            if (!is_text && !screen.is_terminal) continue;
            const bool is_new = is_call || (event.kind != shown && !is_argument);
            if (is_new) screen.end_line();
            screen.style(is_text ? Screen::plain : Screen::dim);
            if (is_new && !is_text) screen.put(is_call ? "calls " : "thinking: ");
            screen.put(text);
            if (is_call) screen.put(" ");
            shown = event.kind;
        }
        screen.style(Screen::plain);
        if (stream_.error() == oai::Error::cancelled) screen.put("\n");  // after the ^C that the terminal shows
        screen.end_line();
        if (!has_text) history_.drop_last();  // the question, which can be asked again
        const oai::Latency& took = timeouts_.latency();
        if (!screen.is_terminal || took.first_token_ms == oai::Latency::unknown) return;

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
    oai::Timeouts timeouts_;
    oai::RetryPolicy retries_;
    oai::Stream stream_{connection_.transport(), memory_, timeouts_};
    History history_;
};

// A line of standard input without its end. Returns false if there is none, or Ctrl-C was pressed, then errno is EINTR.
static bool read_line(std::string& line) {
    line.clear();
    errno = 0;
    for (char c; read(STDIN_FILENO, &c, 1) == 1; line += c)
        if (c == '\n') return true;
    return errno != EINTR && !line.empty();
}

int main() {
    static Chat chat;
    const bool is_interactive = isatty(STDIN_FILENO) != 0 && chat.screen.is_terminal;
    bool is_well = true;
    setlocale(LC_CTYPE, "C.UTF-8");
    if (is_interactive) {
        struct sigaction action = {};  // without SA_RESTART: Ctrl-C also ends the wait for a line
        action.sa_handler = on_interrupt;
        sigaction(SIGINT, &action, nullptr);
        chat.screen.note(chat.greeting());
    }
    for (std::string line;;) {
        if (is_interactive) chat.screen.prompt();
        const bool is_line = read_line(line), is_interrupted = !is_line && errno == EINTR;
        if (!is_line && is_interactive) puts("");
        if (is_interrupted && interrupts == 1) {
            chat.screen.note("Ctrl-C again leaves.");
            continue;
        }
        if (!is_line) return is_interactive || is_well ? 0 : 1;
        interrupts = 0;
        line.erase(0, line.find_first_not_of(" \t\r"));
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (line.empty()) continue;
        if (line[0] != '/') is_well = chat.ask(line);
        else if (!chat.obey(line)) return 0;
    }
}
