// Small texts that programs and servers write, each beside something that is not the library's: URLs, JSON in the
// user's own words, decimal numbers, dates and waits, one value of a JSON text. The first byte says which.
#include "checks.hpp"
#include "json_grammar.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <ctime>
#include <set>
#include <string>
#include <vector>

namespace {

namespace oai = openai_stream;
using fuzz::check;

// A copy that ends at the page that nobody may touch.
oai::StringView guarded(const std::string& text) {
    const oai::Buffer memory = fuzz::memory_of(text.size(), 1);
    if (!text.empty()) memcpy(memory.data, text.data(), text.size());
    return {memory.data, text.size()};
}
std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}
bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}
bool is_made_of(const std::string& text, const char* others) {
    for (const char c : text) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_plain && (c == '\0' || !strchr(others, c))) return false;
    }
    return true;
}

// ---- URLs: RFC 3986, as far as Endpoint says that it goes -----------------------------------------------------------

struct Url {
    std::string host, prefix, query;
    unsigned long port = 0;
    bool tls = false, is_valid = false;
};
Url read_url(const std::string& text) {
    Url url;
    const size_t colon = text.find("://");
    if (colon == std::string::npos) return url;
    const std::string scheme = lower(text.substr(0, colon));
    if (scheme != "http" && scheme != "https") return url;
    url.tls = scheme == "https";
    std::string rest = text.substr(colon + 3);
    const size_t mark = rest.find('?');
    if (mark != std::string::npos) {
        url.query = rest.substr(mark + 1);
        rest.resize(mark);
    }
    const size_t slash = rest.find('/');
    std::string authority = rest.substr(0, slash);
    if (slash != std::string::npos) url.prefix = rest.substr(slash);
    while (ends_with(url.prefix, "/")) url.prefix.pop_back();

    const bool has_brackets = !authority.empty() && authority[0] == '[';
    const size_t end = has_brackets ? authority.find(']') : authority.find(':');
    if (has_brackets && end == std::string::npos) return url;
    url.host = authority.substr(has_brackets, end - has_brackets);
    std::string port = end == std::string::npos ? "" : authority.substr(end + has_brackets);
    url.port = url.tls ? 443 : 80;
    if (!port.empty()) {
        if (port[0] != ':' || port.size() < 2 || port.find_first_not_of("0123456789", 1) != std::string::npos)
            return url;
        const size_t first = port.find_first_not_of('0', 1);
        if (first == std::string::npos || port.size() - first > 5) return url;
        url.port = std::stoul(port.substr(first));
        if (url.port > 65535) return url;
    }
    if (url.host.empty() || url.host.size() > 253) return url;
    if (has_brackets) {
        size_t colons = 0;
        for (const char c : url.host) colons += c == ':';
        if (url.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos || colons < 2) return url;
    } else if (!is_made_of(url.host, "-._~")) {
        return url;
    }
    if (!is_made_of(url.prefix, "-._~!$&'()*+,;=:@%/") || !is_made_of(url.query, "-._~!$&'()*+,;=:@%/?")) return url;
    url.is_valid = true;
    return url;
}
void compare_url(const std::string& text) {
    const oai::StringView given = guarded(text);
    const oai::Endpoint server(given);
    const Url url = read_url(text);
    check(!server.host.empty() == url.is_valid, "whether it is a URL");
    if (!url.is_valid) {
        check(server.prefix.empty() && server.query.empty() && server.port == 0 && !server.tls, "half a URL");
        check(server.validate() == oai::Error::bad_url, "no URL, and no error");
        return;
    }
    check(server.host == url.host && server.prefix == url.prefix && server.query == url.query &&
              server.effective_port() == url.port && server.tls == url.tls,
          "another server");
    for (const oai::StringView part : {server.host.view.text, server.prefix.text, server.query.text})
        check(part.empty() || (part.begin() >= given.begin() && part.end() <= given.end()), "not of the URL");
    const std::string path = lower(url.prefix);
    const bool is_request = ends_with(path, "/completions") || ends_with(path, "/responses");
    check(server.validate() == (is_request ? oai::Error::endpoint_in_url : oai::Error::none), "another mistake");
}

// ---- JSON in the user's own words -----------------------------------------------------------------------------------

bool is_json(const std::string& text) {
    return fuzz::is_utf8(text) && fuzz::JsonGrammar({text.data(), text.size()}).is_text();
}
void compare_json(const std::string& text, uint8_t cut) {
    if (text.empty()) return;
    const oai::StringView given = guarded(text);
    check((oai::JsonValue(given).error() == oai::Error::none) == is_json(text), "whether it is JSON");
    const bool are_members = oai::JsonMembers(given).error() == oai::Error::none;
    check(are_members == is_json("{\"\":0," + text + "}"), "whether they are members");
    oai::json::Validator validator;
    fuzz::Cuts cuts(static_cast<uint8_t>(cut | 1));
    for (size_t at = 0; at != text.size();) {
        size_t count = cuts.next();
        if (count > text.size() - at) count = text.size() - at;
        validator.feed(guarded(text.substr(at, count)));
        at += count;
    }
    check(validator.finish() == fuzz::JsonGrammar({text.data(), text.size()}).is_text(), "JSON depends on the cut");
}

// ---- numbers --------------------------------------------------------------------------------------------------------

void compare_number(const std::string& text) {
    const oai::Decimal number{guarded(text)};
    const bool is_number = text.size() <= 23 && fuzz::JsonGrammar({text.data(), text.size()}).is_number();
    check(number.is_valid() == is_number, "whether it is a number");
    if (is_number) check(number.text() == oai::StringView(text), "another number");
}
void compare_double(fuzz::Input& input) {
    uint64_t bits = 0;
    for (int i = 0; i != 8; ++i) bits = bits << 8 | input.byte();
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    const oai::Decimal any(value);
    fuzz::results().add(any.text());
    check(any.is_valid() == (std::fabs(value) < 1e9), "whether it can be sent");
    if (any.is_valid()) {
        const std::string text(any.text().data(), any.text().size());
        check(fuzz::JsonGrammar({text.data(), text.size()}).is_number() && text != "-0", "no number");
        const size_t point = text.find('.');
        check(point == std::string::npos || (text.back() != '0' && text.size() - point <= 7), "digits too many");
        const double last_bit = std::fabs(value) * 4.5e-16;
        check(std::fabs(std::strtod(text.c_str(), nullptr) - value) <= 0.5e-6 + last_bit, "rounded to another number");
    }
    // Written with at most six decimals: it is those.
    const auto millionths = static_cast<int64_t>(bits % 1000000000000000u);
    char exact[40];
    int size = std::snprintf(exact, sizeof exact, "%s%lld.%06lld", (bits >> 63) != 0 && millionths != 0 ? "-" : "",
                             static_cast<long long>(millionths / 1000000), static_cast<long long>(millionths % 1000000));
    const oai::Decimal written(std::strtod(exact, nullptr));
    while (exact[size - 1] == '0') --size;
    if (exact[size - 1] == '.') --size;
    // (Beyond 2^53 / 10^7 a double has not got the six decimals.)
    if (millionths < 900000000000000) check(written.text() == oai::StringView(exact, static_cast<size_t>(size)), "not exact");
}

// ---- dates and waits ------------------------------------------------------------------------------------------------

constexpr const char* date_forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"};

void compare_date(const std::string& text) {
    const int64_t seconds = oai::http::to_unix_seconds(guarded(text));
    fuzz::results().add(seconds);
    check(seconds >= -1 && seconds < 253402300800 + 31 * 86400, "no date has that many seconds");
    std::tm said = {};
    const char* const end = strptime(text.c_str(), date_forms[0], &said);
    if (!end || end != text.c_str() + text.size() || said.tm_year + 1900 < 1000 || said.tm_sec == 61) return;
    const int64_t expected = said.tm_year + 1900 < 1970 || said.tm_mday == 0 ? -1 : int64_t{timegm(&said)};
    check(seconds == expected, "another date");
}
void compare_written_date(fuzz::Input& input) {
    uint64_t bits = 0;
    for (int i = 0; i != 5; ++i) bits = bits << 8 | input.byte();
    const unsigned form = input.byte() % 3u;
    const auto seconds = static_cast<std::time_t>(bits % (form == 1 ? 3155760000u : 253402300800u));
    std::tm parts = {};
    gmtime_r(&seconds, &parts);
    char text[64];
    const size_t size = std::strftime(text, sizeof text, date_forms[form], &parts);
    check(oai::http::to_unix_seconds(guarded({text, size})) == seconds, "a date is another one");
}
void compare_wait(const std::string& text) {
    const oai::StringView given = guarded(text);
    const int64_t milliseconds = oai::ResponseInfo::duration_ms(given);
    fuzz::results().add(milliseconds);
    check(milliseconds >= -1, "less than no time");
    uint32_t delay = 77;
    const bool is_delay = oai::to_delay_ms(given.begin(), given.end(), false, delay);
    const size_t digits = text.find_first_not_of("0123456789"), size = digits == std::string::npos ? text.size() : digits;
    const bool is_number = size != 0 && (size == text.size() || text[size] == '.');
    const size_t zeros = text.find_first_not_of('0');
    const bool is_short = size - (zeros < size ? zeros : size) <= 9;
    const uint64_t seconds = is_number && is_short ? std::stoull(text.substr(0, size)) + (size != text.size()) : 0;
    check(is_number || !is_delay, "a wait that is no number");
    if (is_delay) check(is_short && delay == seconds * 1000, "another wait");
    else check(delay == 77 && (!is_number || !is_short || seconds > 4200000), "a wait is not known");
}
void compare_written_wait(fuzz::Input& input) {
    static constexpr const char* units[] = {"d", "h", "m", "s", "ms"};
    static constexpr int64_t milliseconds[] = {86400000, 3600000, 60000, 1000, 1};
    const unsigned shown = input.byte();
    std::string text;
    int64_t sum = 0;
    for (unsigned unit = 0; unit != 5; ++unit) {
        if ((shown >> unit & 1) == 0) continue;
        const unsigned number = input.byte() * 4u;
        text += std::to_string(number) + units[unit];
        sum += number * milliseconds[unit];
    }
    check(oai::ResponseInfo::duration_ms(guarded(text)) == (text.empty() ? -1 : sum), "a wait is another one");
}

// ---- one value of a JSON text ---------------------------------------------------------------------------------------

// Whether an object has a key twice.
struct Keys : nlohmann::json_sax<nlohmann::json> {
    std::vector<std::set<std::string>> open;
    bool are_twice = false;
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override {
        open.emplace_back();
        return true;
    }
    bool key(string_t& name) override {
        are_twice |= !open.back().insert(name).second;
        return true;
    }
    bool end_object() override {
        open.pop_back();
        return true;
    }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override { return false; }
};

void compare_found(const std::string& text, uint8_t which) {
    static const struct {
        const char *path, *pointer;
    } paths[] = {{"$.a", "/a"}, {"$.a.b", "/a/b"}, {"$.a[1]", "/a/1"}, {"$[0]", "/0"}, {"$['c'].a", "/c/a"}};
    const auto& place = paths[which % 5];
    const oai::Buffer memory = fuzz::memory_of(16 + which, 2);
    const oai::StringView given = guarded(text);
    const oai::FoundValue found = oai::json_find(given, place.path, memory);
    fuzz::check_front(memory);
    if (!found.text.empty()) {
        const bool is_given = found.text.begin() >= given.begin() && found.text.end() <= given.end();
        if (!is_given) fuzz::check_view(found.text, memory, "a value is outside of its memory");
    }
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded() || !is_json(text)) return;  // (to that parser a NUL is the end)
    check(found.error == oai::FieldError::none || found.error == oai::FieldError::buffer_too_small ||
              found.error == oai::FieldError::number_too_long || found.error == oai::FieldError::too_deep,
          "what is JSON is none");
    Keys keys;
    nlohmann::json::sax_parse(text, &keys);
    if (found.error != oai::FieldError::none || keys.are_twice) return;
    const nlohmann::json::json_pointer pointer(place.pointer);
    // (A pointer takes "1" for a key as well.)
    const nlohmann::json* const parent = json.contains(pointer.parent_pointer()) ? &json[pointer.parent_pointer()] : nullptr;
    const bool is_index = strchr(place.path, '[') != nullptr && place.path[2] != '\'';
    const bool is_there = parent && (is_index ? parent->is_array() : parent->is_object()) && json.contains(pointer);
    check(found.is_found == is_there, "whether it is there");
    if (!is_there) return;
    const nlohmann::json& value = json[pointer];
    const std::string said(found.text.data() ? found.text.data() : "", found.text.size());
    if (value.is_string()) check(found.kind == oai::FieldKind::string && value == said, "another string");
    else if (value.is_structured()) check(nlohmann::json::parse(said, nullptr, false) == value, "another container");
    else if (value.is_number()) check(nlohmann::json::parse(said, nullptr, false) == value, "another number");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static char script[2000];
    fuzz::Input input(data, size);
    const unsigned which = input.byte() % 8u;
    if (which == 5) compare_double(input);
    else if (which == 6) compare_written_date(input), compare_written_wait(input);
    if (which == 5 || which == 6) return 0;
    const uint8_t choice = input.byte();
    const std::string text(script, fuzz::expand(input, script, sizeof script));
    if (which == 0) compare_url(text);
    else if (which == 1) compare_json(text, choice);
    else if (which == 2) compare_number(text);
    else if (which == 3) compare_date(text);
    else if (which == 4) compare_wait(text);
    else compare_found(text, choice);
    return 0;
}
