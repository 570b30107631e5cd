#include "event_stream.hpp"

#include "json.hpp"

#include <algorithm>

namespace local_server {

bool EventStream::begin() {
    reply_.begin_chunks("text/event-stream");
    if (!reply_.faults.has("error-first")) return true;
    send_error();
    end();
    return false;
}

void EventStream::send(const std::string& data, const std::string& type) {
    const Faults& faults = reply_.faults;
    if (faults.has("cut-after") && may_cut_ && sent_ == faults.number("cut-after", 5)) throw ConnectionEnded{};
    ++sent_;
    const std::string line_end = faults.has("crlf") ? "\r\n" : "\n";
    const std::string comment = faults.has("comments") ? ": keep-alive" + line_end + line_end : "";
    const std::string name = type.empty() ? "" : "event: " + type + line_end;
    const std::string text = comment + name + "data: " + data + line_end + line_end;
    const size_t chunk_size = faults.has("bytes") ? 1 : text.size();
    for (size_t at = 0; at < text.size(); at += chunk_size) reply_.send_chunk(text.substr(at, chunk_size));
}

bool EventStream::send_all(const std::vector<KnownEvent>& events, Clock::duration pace) {
    const auto is_token = [](const KnownEvent& event) { return event.is_token; };
    const auto half = std::count_if(events.begin(), events.end(), is_token) / 2;
    auto due = Clock::now();
    ptrdiff_t tokens = 0;
    for (const KnownEvent& event : events) {
        if (event.is_token && tokens++ == half && break_off()) return false;
        if (event.is_token) stop.sleep_until(due += pace);
        send(event.data, event.type);
    }
    return true;
}

bool EventStream::break_off() {
    const Faults& faults = reply_.faults;
    if (faults.has("cut")) throw ConnectionEnded{};
    if (faults.has("reset")) reply_.connection().reset();
    if (faults.has("stall")) reply_.connection().ignore(Clock::time_point::max());
    if (faults.has("cut-chunk")) reply_.cut_chunk("data: {\"id\":\"chatcmpl-local");
    if (faults.has("error-midstream")) send_error();
    if (!faults.has("error-midstream") && !faults.has("cut-clean")) return false;
    end();
    return true;
}

void EventStream::send_error() {
    const ApiError error{500, "This is the fault you asked for: an error event.", "fault"};
    const std::string whole = json_of(error);
    const std::string about = whole.substr(9, whole.size() - 10);  // what {"error":...} is around
    if (shape_ == ErrorShape::chat) return send(whole);
    if (shape_ == ErrorShape::assistants) return send(about, "error");
    if (shape_ == ErrorShape::agents)
        return send("{\"type\":\"error\",\"event_id\":\"evt_local_error\",\"session_id\":" + quote(subject_) +
                        ",\"error\":" + about + '}',
                    "error");
    send("{\"type\":\"error\",\"code\":\"fault\",\"message\":" + quote(error.message) +
             ",\"param\":null,\"sequence_number\":" + std::to_string(sent_) + '}',
         "error");
}

}  // namespace local_server
