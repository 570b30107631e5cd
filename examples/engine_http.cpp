// Build: c++ -std=c++17 -I.. engine_http.cpp -lcurl -o engine_http
// Run: ./engine_http ["question"]
//
// An engine that has an HTTP client already: here libcurl plays that part, and what it calls back with is fed to an
// Exchange, which makes events of it. Speaks https wherever libcurl does. From the environment: OPENAI_BASE_URL,
// OPENAI_API_KEY, OPENAI_MODEL.
#include "common.hpp"
#include "openai_stream.hpp"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>

namespace oai = openai_stream;

// ---- the library's side --------------------------------------------------------------------------------------------

// An answer being read from body bytes, whoever brings them.
class Answer {
public:
    // The status line is there; then each field of the head, as it comes.
    void begin(int status) { exchange_.begin_body(oai::Api::chat, status); }
    void add_header(const char* name, size_t name_bytes, const char* value, size_t value_bytes) {
        exchange_.add_header({name, name_bytes}, {value, value_bytes});
    }

    // Bytes of the body, as many as there happen to be. Returns false if it is over: no more are wanted.
    bool feed(const char* bytes, size_t count) {
        return exchange_.feed({bytes, count}, show) == oai::Poll::pending || exchange_.error() == oai::Error::none;
    }

    // The last byte has come; or, with the client's code, no more will come.
    void end(int code) {
        if (exchange_.error() == oai::Error::not_open) begin(0);  // not even a head has come
        if (code != 0) exchange_.failed(code);
        exchange_.finish(show);
    }

    oai::Failure failure() const { return exchange_.failure(); }

private:
    static void show(const oai::Event& event) {
        if (event.is_text()) print(event.text);
    }

    char memory_[8 * 1024];
    oai::Exchange exchange_{memory_};
};

// The JSON of a request, for a client that writes the head itself.
static std::string json_of(const oai::ChatRequest& request) {
    oai::RequestWriter writer;
    std::string text;
    char window[1024];
    writer.begin_body(request);
    while (const size_t count = writer.write(window, sizeof window)) text.append(window, count);
    return writer.finished() ? text : "";
}

// ---- the engine's side ---------------------------------------------------------------------------------------------

// One POST; calls back with what arrives, out of update().
class EngineHttp {
public:
    EngineHttp(const std::string& url, const std::string& key, const std::string& body, Answer& answer)
        : answer_(answer) {
        headers_ = curl_slist_append(headers_, "Content-Type: application/json");
        headers_ = curl_slist_append(headers_, "Accept: text/event-stream");
        if (!key.empty()) headers_ = curl_slist_append(headers_, ("Authorization: Bearer " + key).c_str());
        curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        curl_easy_setopt(easy_, CURLOPT_COPYPOSTFIELDS, body.c_str());
        curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &EngineHttp::on_header);
        curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
        curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &EngineHttp::on_bytes);
        curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
        curl_multi_add_handle(multi_, easy_);
    }
    EngineHttp(const EngineHttp&) = delete;
    EngineHttp& operator=(const EngineHttp&) = delete;
    ~EngineHttp() {
        curl_multi_remove_handle(multi_, easy_);
        curl_easy_cleanup(easy_);
        curl_multi_cleanup(multi_);
        curl_slist_free_all(headers_);
    }

    // Once per frame. Returns false if the response has ended.
    bool update() {
        int running = 0, waiting = 0;
        curl_multi_perform(multi_, &running);
        if (running != 0) return true;
        const CURLMsg* message = curl_multi_info_read(multi_, &waiting);
        answer_.end(message != nullptr ? static_cast<int>(message->data.result) : 0);
        return false;
    }
    void wait_for_next_frame() { curl_multi_poll(multi_, nullptr, 0, 16, nullptr); }

private:
    // One line of the head. (Of a redirect or a 100 there are several heads: the last one counts.)
    static size_t on_header(char* line, size_t, size_t count, void* self) {
        Answer& answer = static_cast<EngineHttp*>(self)->answer_;
        if (count > 9 && memcmp(line, "HTTP/", 5) == 0) {
            const char* const status = static_cast<const char*>(memchr(line, ' ', count));
            answer.begin(status != nullptr ? atoi(status) : 0);
        } else if (const char* const colon = static_cast<const char*>(memchr(line, ':', count))) {
            const size_t name_bytes = static_cast<size_t>(colon - line);
            answer.add_header(line, name_bytes, colon + 1, count - name_bytes - 1);
        }
        return count;
    }
    static size_t on_bytes(char* bytes, size_t, size_t count, void* self) {
        return static_cast<EngineHttp*>(self)->answer_.feed(bytes, count) ? count : 0;
    }

    CURLM* multi_ = curl_multi_init();
    CURL* easy_ = curl_easy_init();
    curl_slist* headers_ = nullptr;
    Answer& answer_;
};

int main(int count, char** words) {
    const std::string model = setting("OPENAI_MODEL", "local");
    const std::string base = setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1");
    const oai::ChatRequest ask(model, count > 1 ? words[1] : "Why is the sky blue?");
    Answer answer;
    EngineHttp http(base + oai::ChatRequest::path, setting("OPENAI_API_KEY", ""), json_of(ask), answer);
    while (http.update()) http.wait_for_next_frame();

    puts("");
    const oai::Failure failure = answer.failure();
    if (failure.error == oai::Error::none) return 0;
    const auto code = static_cast<CURLcode>(failure.transport_code);
    char why[500];
    fprintf(stderr, "%s\n", oai::explain(failure, why, base, code != CURLE_OK ? curl_easy_strerror(code) : ""));
    return 1;
}
