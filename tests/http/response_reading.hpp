#pragma once
// Feeds a response to the parser, piece by piece, collects what it delivers and checks what holds for every response.
#include "support/cuts.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <utility>

namespace reading {

namespace oai = openai_stream;
using oai::Error;
using oai::http::Field;
using oai::http::ParseEvent;
using oai::http::ResponseParser;

using Headers = std::vector<std::pair<std::string, std::string>>;

inline std::string text(Error error) { return oai::describe(error); }

inline std::string repeat(const std::string& text, size_t count) {
    std::string all;
    for (size_t i = 0; i < count; ++i) all += text;
    return all;
}

// How most responses below begin.
const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

struct Response {
    bool complete = false;         // ended with `end`, not with `failed`
    bool ended_by_close = false;   // only finish() brought the end
    Error error = Error::none;
    bool has_head = false;
    unsigned status = 0;
    Headers headers;
    std::vector<Field> fields;     // of the headers
    std::string body;
    bool keep_alive = false;
    bool has_padded_chunks = false;
    size_t consumed = 0;

    friend bool operator==(const Response& left, const Response& right) {
        return left.complete == right.complete && left.ended_by_close == right.ended_by_close &&
               left.error == right.error && left.has_head == right.has_head && left.status == right.status &&
               left.headers == right.headers && left.fields == right.fields && left.body == right.body &&
               left.keep_alive == right.keep_alive && left.has_padded_chunks == right.has_padded_chunks &&
               left.consumed == right.consumed;
    }
};

// One response. The first rule broken is kept in broken(), so that eight million bytes do not mean as many asserts.
class Reader {
public:
    // Everything in [at, end); false once the response has ended, or a rule was broken.
    bool feed(const char* at, const char* end) {
        const char* const begin = at;
        while (true) {
            const char* const before = at;
            const ParseEvent part = parser_.next(at, end);
            at = parser_.at();
            rule(at >= before && at <= end, "it moves forward, inside its input");
            take(part, before, at);
            if (!broken_.empty()) return false;
            if (part == ParseEvent::need_more) {
                rule(at == end, "all input is consumed before more is asked for");
                response_.consumed += static_cast<size_t>(at - begin);
                return true;
            }
            if (part == ParseEvent::end || part == ParseEvent::failed) {
                rule(at != begin, "an end is reported with the byte that makes it, not with the next one");
                response_.consumed += static_cast<size_t>(at - begin);
                over(part, at, end);
                return false;
            }
        }
    }

    // The peer closes.
    void close() {
        if (over_) return;
        response_.ended_by_close = true;
        const ParseEvent part = parser_.finish();
        rule(part == ParseEvent::end || part == ParseEvent::failed, "after finish() it is over");
        over(part, nullptr, nullptr);
    }

    const Response& response() const { return response_; }
    const std::string& broken() const { return broken_; }

private:
    void rule(bool holds, const char* text) {
        if (!holds && broken_.empty()) broken_ = text;
    }

    void take(ParseEvent part, const char* before, const char* at) {
        const bool in_field = part == ParseEvent::field_name || part == ParseEvent::field_value;
        const bool has_text = in_field || part == ParseEvent::body;
        const oai::StringView found = has_text ? parser_.text() : oai::StringView();
        const bool complete = in_field && parser_.is_text_complete();
        if (has_text) {
            rule(found.begin() >= before && found.end() <= at, "a text lies in the input of its step");
            rule(!found.empty() || complete, "a text is only empty where it completes");
        }
        rule(response_.has_head == (parser_.head_complete() && part != ParseEvent::head), "the head is delivered");
        rule(parser_.head_complete() || parser_.status() == 0, "no status before the head is complete");
        rule(!parser_.keep_alive() || parser_.complete(), "no reuse before the end");
        const bool is_going_on = !parser_.complete() && parser_.error() == Error::none;
        rule(is_going_on == (parser_.is_framed() != parser_.is_until_close()), "one thing ends what goes on");
        rule(!parser_.is_framed() || !parser_.is_until_close(), "and one alone");
        const std::string text = found;
        switch (part) {
            case ParseEvent::need_more:
            case ParseEvent::end:
            case ParseEvent::failed: rule(name_open_ == 0 || part != ParseEvent::end, "no end inside a field"); break;
            case ParseEvent::field_name:
                rule(!response_.has_head && name_open_ != 2, "a name comes before the head's end and not in a value");
                if (name_open_ == 0) response_.headers.emplace_back();
                response_.headers.back().first += text;
                rule(complete || parser_.field() == Field::other, "an incomplete name is not known");
                name_open_ = complete ? 2 : 1;
                if (complete) response_.fields.push_back(parser_.field());
                break;
            case ParseEvent::field_value:
                rule(name_open_ == 2, "a value follows its name");
                if (name_open_ != 2) break;
                rule(parser_.field() == response_.fields.back(), "a value is of its name's field");
                response_.headers.back().second += text;
                if (complete) {
                    name_open_ = 0;
                    std::string& value = response_.headers.back().second;
                    rule(value.empty() || !oai::http::is_ows(value[0]), "blanks before a value are left out");
                    const oai::StringView trimmed = oai::http::trim_ows(value);
                    value = std::string(trimmed.data(), trimmed.size());
                }
                break;
            case ParseEvent::head:
                rule(!response_.has_head && name_open_ == 0, "one head, and not inside a field");
                response_.has_head = true;
                response_.status = parser_.status();
                break;
            case ParseEvent::body:
                rule(response_.has_head, "the body comes after the head");
                response_.body += text;
                break;
        }
    }

    void over(ParseEvent part, const char* at, const char* end) {
        over_ = true;
        response_.complete = part == ParseEvent::end;
        response_.error = parser_.error();
        response_.keep_alive = parser_.keep_alive();
        response_.has_padded_chunks = parser_.has_padded_chunks();
        if (!response_.complete && name_open_ != 0) {  // what had begun is nothing to compare
            response_.headers.pop_back();
            response_.fields.resize(response_.headers.size());
        }
        rule(response_.complete == (parser_.error() == Error::none), "failed if and only if there is an error");
        rule(parser_.complete() == response_.complete, "complete() says so");
        rule(parser_.status() == response_.status, "status() stays");
        const char more[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
        for (int i = 0; i < 2; ++i) {  // whatever comes now
            rule(parser_.next(at, end) == part && parser_.at() == at, "the end absorbs the rest of the input");
            rule(parser_.next(more, more + sizeof more - 1) == part, "the end absorbs other input");
            rule(parser_.at() == more, "the end reads nothing of it");
            rule(parser_.finish() == part, "the end absorbs finish()");
            rule(parser_.error() == response_.error && parser_.keep_alive() == response_.keep_alive, "the end stays");
        }
    }

    ResponseParser parser_;
    Response response_;
    std::string broken_;
    int name_open_ = 0;  // 0 between fields, 1 in a name, 2 in a value
    bool over_ = false;
};

// Then the peer closes.
inline Response read(const corpus::Pieces& pieces, std::string& broken) {
    Reader reader;
    for (const std::string_view piece : pieces)
        if (!reader.feed(piece.data(), piece.data() + piece.size())) break;
    reader.close();
    broken = reader.broken();
    return reader.response();
}

// The same response for every way to cut the input.
inline Response read_every_way(const std::string& input, bool large = false) {
    std::string broken;
    const Response whole = read({input}, broken);
    CHECK_EQ(broken, "");
    corpus::for_each_cut(input, large, [&](const corpus::Pieces& pieces) {
        const Response cut = read(pieces, broken);
        if (broken.empty() && cut == whole) return;
        INFO("cut: " << corpus::describe(pieces));
        CHECK_EQ(broken, "");
        CHECK(cut == whole);
    });
    return whole;
}

// What no good response may hold.
struct Failure {
    const char* name;
    std::string input;
    Error error;
};

inline void check_failures(const std::vector<Failure>& rows) {
    for (const Failure& row : rows) {
        ROW(row.name);
        const Response got = read_every_way(row.input);
        CHECK_EQ(text(got.error), text(row.error));
        CHECK_FALSE(got.complete);
        CHECK_FALSE(got.keep_alive);
    }
}

}  // namespace reading
