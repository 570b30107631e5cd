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
#include <string>

namespace oai = openai_stream;

// ---- the library's side --------------------------------------------------------------------------------------------

// An answer being read from body bytes, whoever brings them.
class Answer {
public:
    // The response's head is there.
    void begin(int status, const char* content_type) { exchange_.begin_body(oai::BodyOf::chat, status, content_type); }

    // Bytes of the body, as many as there happen to be. False: it has failed, no more are wanted.
    bool feed(const char* bytes, size_t count) {
        while (count != 0) {
            const oai::Buffer room = exchange_.incoming();
            const size_t part = count < room.size ? count : room.size;
            if (part != 0) memcpy(room.data, bytes, part);
            exchange_.received(part);
            bytes += part;
            count -= part;
            if (!take_events()) return exchange_.error() == oai::Error::none;
        }
        return true;
    }

    // The last byte has come; or, with the client's code, no more will come.
    void end(int code) {
        if (!exchange_.is_open()) return;
        if (code == 0) exchange_.ended();
        else exchange_.failed(code);
        take_events();
    }

    oai::Failure failure() const { return exchange_.failure(); }

private:
    // False: it is over.
    bool take_events() {
        for (oai::Event event;;) {
            switch (exchange_.poll(event)) {
                case oai::Poll::event:
                    if (event.kind == oai::EventKind::text) fwrite(event.text.data(), 1, event.text.size(), stdout);
                    break;
                case oai::Poll::pending: fflush(stdout); return true;
                case oai::Poll::done:
                case oai::Poll::failed: return false;
            }
        }
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

    // Once per frame. False: the response has ended.
    bool update() {
        int running = 0, waiting = 0;
        curl_multi_perform(multi_, &running);
        if (running != 0) return true;
        const CURLMsg* message = curl_multi_info_read(multi_, &waiting);
        begin_answer();
        answer_.end(message != nullptr ? static_cast<int>(message->data.result) : 0);
        return false;
    }
    void wait_for_next_frame() { curl_multi_poll(multi_, nullptr, 0, 16, nullptr); }

private:
    static size_t on_bytes(char* bytes, size_t, size_t count, void* self) {
        EngineHttp& http = *static_cast<EngineHttp*>(self);
        http.begin_answer();
        return http.answer_.feed(bytes, count) ? count : 0;
    }
    void begin_answer() {
        if (has_begun_) return;
        has_begun_ = true;
        long status = 0;
        const char* type = nullptr;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type);
        answer_.begin(static_cast<int>(status), type);
    }

    CURLM* multi_ = curl_multi_init();
    CURL* easy_ = curl_easy_init();
    curl_slist* headers_ = nullptr;
    Answer& answer_;
    bool has_begun_ = false;
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
