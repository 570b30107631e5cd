#pragma once
// libcurl does HTTP and TLS, and pushes what arrives: its bytes go into an Exchange, which makes events of them. One
// easy handle in a multi handle, so that nothing waits. Run by tests/adapters. engine_http.cpp is the same as a program.
//
// Build with -lcurl.
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include <string>

#include "openai_stream.hpp"

class CurlAnswer {
public:
    using Show = void (*)(const openai_stream::Event&);

    // Of a base URL ("https://api.openai.com/v1"). The key may be empty.
    CurlAnswer(const std::string& base, const std::string& key, const openai_stream::ChatRequest& request, Show show)
        : show_(show) {
        openai_stream::RequestWriter writer;
        char window[1024];
        writer.begin_body(request);
        while (const size_t count = writer.write(window, sizeof window)) body_.append(window, count);
        headers_ = curl_slist_append(headers_, "Content-Type: application/json");
        if (!key.empty()) headers_ = curl_slist_append(headers_, ("Authorization: Bearer " + key).c_str());
        curl_easy_setopt(easy_, CURLOPT_URL, (base + openai_stream::ChatRequest::path).c_str());
        curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body_.size()));
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body_.c_str());
        curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlAnswer::on_header);
        curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
        curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CurlAnswer::on_bytes);
        curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
        curl_multi_add_handle(multi_, easy_);
    }
    CurlAnswer(const CurlAnswer&) = delete;
    CurlAnswer& operator=(const CurlAnswer&) = delete;
    ~CurlAnswer() {
        curl_multi_remove_handle(multi_, easy_);
        curl_easy_cleanup(easy_);
        curl_multi_cleanup(multi_);
        curl_slist_free_all(headers_);
    }

    CURL* handle() { return easy_; }  // for further options: CURLOPT_CAINFO, a proxy ...

    // Never waits. Returns false when the answer is over.
    bool poll() {
        int running = 0, left = 0;
        curl_multi_perform(multi_, &running);
        if (running != 0) return true;
        const CURLMsg* const message = curl_multi_info_read(multi_, &left);
        const int code = message != nullptr ? static_cast<int>(message->data.result) : 0;
        if (exchange_.error() == openai_stream::Error::not_open) begin(0);  // not even a head has come
        if (code != 0) exchange_.failed(code);
        exchange_.finish(show_);
        return false;
    }
    // How waiting works: until a socket of libcurl's is ready, or for so long.
    void wait(int ms) { curl_multi_poll(multi_, nullptr, 0, ms, nullptr); }

    openai_stream::Error error() const { return exchange_.error(); }
    openai_stream::Failure failure() const { return exchange_.failure(); }

private:
    void begin(int status) { exchange_.begin_body(openai_stream::Api::chat, status); }

    // One line of the head. Of a redirect or a 100 there are several heads: the last one counts.
    static size_t on_header(char* line, size_t, size_t count, void* self) {
        auto* const answer = static_cast<CurlAnswer*>(self);
        if (count > 9 && memcmp(line, "HTTP/", 5) == 0) {
            const char* const status = static_cast<const char*>(memchr(line, ' ', count));
            answer->begin(status != nullptr ? atoi(status) : 0);
        } else if (const char* const colon = static_cast<const char*>(memchr(line, ':', count))) {
            const size_t name = static_cast<size_t>(colon - line);
            answer->exchange_.add_header({line, name}, {colon + 1, count - name - 1});
        }
        return count;
    }
    // Anything but `count` ends the transfer.
    static size_t on_bytes(char* bytes, size_t, size_t count, void* self) {
        auto* const answer = static_cast<CurlAnswer*>(self);
        const bool goes_on = answer->exchange_.feed({bytes, count}, answer->show_) == openai_stream::Poll::pending;
        return goes_on || answer->error() == openai_stream::Error::none ? count : 0;
    }

    Show show_;
    std::string body_;
    CURLM* multi_ = curl_multi_init();
    CURL* easy_ = curl_easy_init();
    curl_slist* headers_ = nullptr;
    char memory_[8 * 1024];
    openai_stream::Exchange exchange_{memory_};
};

inline void ask_by_curl(CurlAnswer& answer) {
    while (answer.poll()) answer.wait(1000);
}
