// What one would put together otherwise: a parser of HTTP, lines split where they lie, a parser of JSON.
//
// HTTP_PICO or HTTP_NODE, and JSON_SIMDJSON, JSON_YYJSON, JSON_RAPIDJSON or JSON_NLOHMANN, say which. It does less
// than the library: of a chat it takes choices[0].delta.content and nothing else, of the Responses API the deltas of
// three types; lines end with LF or CRLF; an event larger than the buffer, an error of the server or a body that is
// none of all that is a failure without a reason. It does it as fast as these parsers let it: the body is unframed in
// place, searched once for its line ends, and its JSON parsed in place, without a copy (several data lines of an event
// are joined).
//
// LIMIT_EMPTY reads and throws away: what the harness costs. LIMIT_MEMCHR then looks for the line ends, LIMIT_MEMCPY
// then copies all: no reader that does either of them can be faster.
#include "harness.hpp"

#include <strings.h>

#include <string_view>

#if defined(HTTP_PICO)
    #include "picohttpparser.h"
#elif defined(HTTP_NODE)
    #include <http_parser.h>
#endif
#if defined(JSON_SIMDJSON)
    #include <simdjson.h>
#elif defined(JSON_YYJSON)
    #include "yyjson.h"
#elif defined(JSON_RAPIDJSON)
    #include <rapidjson/document.h>
#elif defined(JSON_NLOHMANN)
    #include <nlohmann/json.hpp>
#endif

namespace {

[[maybe_unused]] constexpr size_t padding = 64;  // behind the buffer, for parsers that read further

[[maybe_unused]] bool is_delta(std::string_view type) {
    return type == "response.output_text.delta" || type == "response.reasoning_text.delta" ||
           type == "response.function_call_arguments.delta";
}

// ---- JSON: bool take(data, size, room behind data, is_responses, text) ----------------------------------------------

#if defined(JSON_SIMDJSON)
class Json {
public:
    bool take(char* data, size_t size, size_t room, bool is_responses, outside::Text& text) {
        simdjson::ondemand::document document;
        if (parser_.iterate(simdjson::padded_string_view(data, size, room)).get(document)) return false;
        std::string_view piece;
        if (is_responses) {
            std::string_view type;
            if (document["type"].get_string().get(type)) return false;
            if (is_delta(type) && !document["delta"].get_string().get(piece)) text.add(piece.data(), piece.size());
            return true;
        }
        simdjson::ondemand::array choices;
        if (document["choices"].get_array().get(choices)) return false;
        for (auto choice : choices) {
            if (!choice["delta"]["content"].get_string().get(piece)) text.add(piece.data(), piece.size());
            break;
        }
        return true;
    }

private:
    simdjson::ondemand::parser parser_;
};
#elif defined(JSON_YYJSON)
class Json {
public:
    bool take(char* data, size_t size, size_t, bool is_responses, outside::Text& text) {
        char behind[YYJSON_PADDING_SIZE];
        memcpy(behind, data + size, sizeof behind);
        memset(data + size, 0, sizeof behind);
        yyjson_alc pool;
        yyjson_alc_pool_init(&pool, memory_, sizeof memory_);
        yyjson_doc* const document = yyjson_read_opts(data, size, YYJSON_READ_INSITU, &pool, nullptr);
        memcpy(data + size, behind, sizeof behind);
        if (!document) return false;
        yyjson_val* const root = yyjson_doc_get_root(document);
        yyjson_val* piece = nullptr;
        if (is_responses) {
            yyjson_val* const type = yyjson_obj_get(root, "type");
            if (!yyjson_is_str(type)) return false;
            if (is_delta({yyjson_get_str(type), yyjson_get_len(type)})) piece = yyjson_obj_get(root, "delta");
        } else {
            yyjson_val* const choice = yyjson_arr_get_first(yyjson_obj_get(root, "choices"));
            piece = yyjson_obj_get(yyjson_obj_get(choice, "delta"), "content");
        }
        if (yyjson_is_str(piece)) text.add(yyjson_get_str(piece), yyjson_get_len(piece));
        return true;
    }

private:
    char memory_[16 * outside::buffer_bytes];
};
#elif defined(JSON_RAPIDJSON)
class Json {
    using Pool = rapidjson::MemoryPoolAllocator<>;
    using Document = rapidjson::GenericDocument<rapidjson::UTF8<>, Pool, Pool>;
    using Value = Document::ValueType;

public:
    bool take(char* data, size_t size, size_t, bool is_responses, outside::Text& text) {
        data[size] = '\0';  // where the line end was
        Pool values(memory_, sizeof memory_), stack(stack_, sizeof stack_);
        Document document(&values, 1024, &stack);
        document.ParseInsitu(data);
        if (document.HasParseError() || !document.IsObject()) return false;
        const Value* piece = nullptr;
        if (is_responses) {
            const Value* const type = member(&document, "type");
            if (!type || !type->IsString()) return false;
            if (is_delta({type->GetString(), type->GetStringLength()})) piece = member(&document, "delta");
        } else {
            const Value* const choices = member(&document, "choices");
            if (!choices || !choices->IsArray()) return false;
            if (!choices->Empty()) piece = member(member(&(*choices)[0], "delta"), "content");
        }
        if (piece && piece->IsString()) text.add(piece->GetString(), piece->GetStringLength());
        return true;
    }

private:
    static const Value* member(const Value* object, const char* name) {
        if (!object || !object->IsObject()) return nullptr;
        const auto found = object->FindMember(name);
        return found != object->MemberEnd() ? &found->value : nullptr;
    }
    char memory_[64 * 1024];
    char stack_[16 * 1024];
};
#elif defined(JSON_NLOHMANN)
class Json {
    using Value = nlohmann::json;

public:
    bool take(char* data, size_t size, size_t, bool is_responses, outside::Text& text) {
        const Value document = Value::parse(data, data + size, nullptr, false);
        if (!document.is_object()) return false;
        const Value* piece = nullptr;
        if (is_responses) {
            const auto type = document.find("type");
            if (type == document.end() || !type->is_string()) return false;
            if (is_delta(type->get_ref<const std::string&>())) piece = member(&document, "delta");
        } else {
            const Value* const choices = member(&document, "choices");
            if (!choices || !choices->is_array()) return false;
            if (!choices->empty()) piece = member(member(&choices->front(), "delta"), "content");
        }
        if (piece && piece->is_string()) {
            const std::string& found = piece->get_ref<const std::string&>();
            text.add(found.data(), found.size());
        }
        return true;
    }

private:
    static const Value* member(const Value* object, const char* name) {
        if (!object || !object->is_object()) return nullptr;
        const auto found = object->find(name);
        return found != object->end() ? &*found : nullptr;
    }
};
#endif

// ---- HTTP: what is received at `at` becomes body, in place ----------------------------------------------------------

#if defined(HTTP_PICO)
class Http {
public:
    bool is_done() const { return is_done_; }
    // The bytes of body that lie at `into` then; false if it is no answer that is streamed in chunks. The head is kept in
    // the buffer, from its begin, until it is whole.
    bool take(char* begin, char* at, size_t count, char*& into, size_t& body) {
        into = at;
        body = 0;
        if (!has_head_) {
            const size_t seen = static_cast<size_t>(at - begin);
            int minor = 0, status = 0;
            const char* reason = nullptr;
            size_t reason_size = 0, fields = 64;
            phr_header field[64];
            const int size = phr_parse_response(begin, seen + count, &minor, &status, &reason, &reason_size, field,
                                                &fields, seen);
            if (size == -2) return true;
            if (size < 0 || status != 200) return false;
            bool is_chunked = false;
            for (size_t index = 0; index != fields; ++index)
                is_chunked |= field[index].name_len == 17 && strncasecmp(field[index].name, "transfer-encoding", 17) == 0;
            if (!is_chunked) return false;
            has_head_ = true;
            into = begin + size;
            count = seen + count - static_cast<size_t>(size);
        }
        const ssize_t left = phr_decode_chunked(&chunks_, into, &count);
        if (left == -1) return false;
        is_done_ = left >= 0;
        body = count;
        return true;
    }
    bool has_head() const { return has_head_; }

private:
    phr_chunked_decoder chunks_ = make();
    bool has_head_ = false;
    bool is_done_ = false;
    static phr_chunked_decoder make() {
        phr_chunked_decoder chunks{};
        chunks.consume_trailer = 1;
        return chunks;
    }
};
#elif defined(HTTP_NODE)
class Http {
public:
    Http() {
        http_parser_settings_init(&settings_);
        settings_.on_headers_complete = [](http_parser* parser) {
            Http& self = *static_cast<Http*>(parser->data);
            self.has_head_ = true;
            return parser->status_code == 200 && (parser->flags & F_CHUNKED) ? 0 : -1;
        };
        settings_.on_body = [](http_parser* parser, const char* piece, size_t size) {
            Http& self = *static_cast<Http*>(parser->data);
            memmove(self.end_, piece, size);
            self.end_ += size;
            return 0;
        };
        settings_.on_message_complete = [](http_parser* parser) {
            static_cast<Http*>(parser->data)->is_done_ = true;
            return 0;
        };
        http_parser_init(&parser_, HTTP_RESPONSE);
        parser_.data = this;
    }
    bool is_done() const { return is_done_; }
    bool has_head() const { return true; }  // it keeps what it needs of one
    bool take(char*, char* at, size_t count, char*& into, size_t& body) {
        into = end_ = at;
        if (http_parser_execute(&parser_, &settings_, at, count) != count) return false;
        body = static_cast<size_t>(end_ - at);
        return true;
    }

private:
    http_parser parser_;
    http_parser_settings settings_;
    char* end_ = nullptr;
    bool has_head_ = false;
    bool is_done_ = false;
};
#endif

}  // namespace

#if defined(LIMIT_EMPTY) || defined(LIMIT_MEMCHR) || defined(LIMIT_MEMCPY)

class Reader {
public:
    Reader(bool, bool) {}
    __attribute__((noinline)) bool feed(outside::Link& link, outside::Text& text) {
        while (const size_t count = link.read(memory_, sizeof memory_)) {
    #if defined(LIMIT_MEMCHR)
            const char* const end = memory_ + count;
            const char* at = memory_;
            while (const void* const found = memchr(at, '\n', static_cast<size_t>(end - at))) {
                at = static_cast<const char*>(found) + 1;
                ++text.bytes;
            }
    #elif defined(LIMIT_MEMCPY)
            memcpy(copy_, memory_, count);
            text.bytes += static_cast<unsigned char>(copy_[count - 1]);
    #else
            text.bytes += count;
    #endif
        }
        return true;
    }

private:
    char memory_[outside::buffer_bytes];
    [[maybe_unused]] char copy_[outside::buffer_bytes];
};

#else

class Reader {
public:
    Reader(bool is_responses, bool is_http) : is_responses_(is_responses), is_http_(is_http) {}

    __attribute__((noinline)) bool feed(outside::Link& link, outside::Text& text) {
        while (!(is_http_ && http_.is_done())) {
            make_room();
            char* const at = memory_ + end_;
            const size_t room = outside::buffer_bytes - end_;
            const size_t count = room != 0 ? link.read(at, room) : 0;
            if (count == 0) return !is_http_ && is_done_;
            char* into = at;
            size_t body = count;
            if (is_http_ && !http_.take(memory_, at, count, into, body)) return false;
            if (is_http_ && !http_.has_head()) {
                end_ += count;
                continue;
            }
            if (into != at) begin_ = searched_ = static_cast<size_t>(into - memory_);  // behind the head
            end_ = static_cast<size_t>(into - memory_) + body;
            if (!lines(text)) return false;
        }
        return is_responses_ || is_done_;
    }

private:
    // What has been read goes; moving the rest is seldom, and short.
    void make_room() {
        const size_t from = data_size_ != none ? data_ : begin_;
        if (from == end_ && from != 0) {
            begin_ = searched_ = end_ = 0;
        } else if (from != 0 && end_ > outside::buffer_bytes / 2) {
            memmove(memory_, memory_ + from, end_ - from);
            begin_ -= from, searched_ -= from, end_ -= from, data_ -= from;
        }
    }

    bool lines(outside::Text& text) {
        while (true) {
            char* const found = static_cast<char*>(memchr(memory_ + searched_, '\n', end_ - searched_));
            if (!found) {
                searched_ = end_;
                return true;
            }
            const size_t line = begin_;
            size_t size = static_cast<size_t>(found - memory_) - line;
            begin_ = searched_ = line + size + 1;
            if (size != 0 && memory_[line + size - 1] == '\r') --size;
            if (size == 0) {
                if (data_size_ != none && !event(text)) return false;
                data_size_ = none;
            } else if (size >= 5 && memcmp(memory_ + line, "data:", 5) == 0) {
                const size_t skip = size > 5 && memory_[line + 5] == ' ' ? 6 : 5;
                if (data_size_ == none) {
                    data_ = line + skip;
                    data_size_ = size - skip;
                } else {
                    memory_[data_ + data_size_++] = '\n';
                    memmove(memory_ + data_ + data_size_, memory_ + line + skip, size - skip);
                    data_size_ += size - skip;
                }
            }
        }
    }

    bool event(outside::Text& text) {
        char* const data = memory_ + data_;
        if (data_size_ == 6 && memcmp(data, "[DONE]", 6) == 0) return is_done_ = true;
        return json_.take(data, data_size_, sizeof memory_ - data_, is_responses_, text);
    }

    static constexpr size_t none = ~size_t{0};
    Http http_;
    Json json_;
    size_t begin_ = 0;          // of the line that is being read
    size_t searched_ = 0;       // for its end
    size_t end_ = 0;            // of what is there
    size_t data_ = 0;           // of the event
    size_t data_size_ = none;
    bool is_responses_;
    bool is_http_;
    bool is_done_ = false;
    char memory_[outside::buffer_bytes + padding];
};

#endif

int main(int argc, char** argv) { return outside::run<Reader>(argc, argv); }
