#include "response.hpp"

#include "errors.hpp"
#include "json.hpp"
#include "request_fields.hpp"
#include "structured.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdlib>

namespace local_server {

ResponseRequest::ResponseRequest(const Json& body) {
    model = model_of(body);
    stream = flag_of(body["stream"], "stream");
    background = flag_of(body["background"], "background");
    store = body["store"].kind == Json::Kind::null || flag_of(body["store"], "store");
    format = body["text"]["format"];
    wants_reasoning = !body["reasoning"]["summary"].text.empty();
    if (background && !store) throw bad_param("background", "needs 'store'");
    const Json& limit = body["max_output_tokens"];
    if (limit.kind == Json::Kind::number)
        max_tokens = static_cast<size_t>(std::min(std::max(1.0, strtod(limit.text.c_str(), nullptr)), 1e6));
    previous = body["previous_response_id"].text;
    tools.choose(body["tool_choice"]);
    for (const Json& tool : body["tools"].items) {
        if (tool["type"].text == "function") tools.offer(tool);
        else tools.offer_built_in(tool);
    }
    read_input(body["input"]);
}

// What a tool has said, or whether it may be called.
void ResponseRequest::read_result(const Json& item, const Json& input, const std::string& name) {
    const std::string& type = item["type"].text;
    if (type == "function_call_output" || type == "local_shell_call_output")
        tools.note_result(text_of(item["output"], name + "output"));
    if (type == "shell_call_output") {
        if (item["output"].kind != Json::Kind::array) throw bad_param(name + "output", "must be an array");
        string_of(item["call_id"], name + "call_id");
        for (const Json& said : item["output"].items) {
            std::string text = said["stdout"].text + said["stderr"].text;
            while (!text.empty() && text.back() == '\n') text.pop_back();
            tools.note_result("the shell: " + text);
        }
    }
    if (type != "mcp_approval_response") return;
    const std::string id = string_of(item["approval_request_id"], name + "approval_request_id");
    const auto asked = std::find_if(input.items.begin(), input.items.end(), [&](const Json& other) {
        return other["type"].text == "mcp_approval_request" && other["id"].text == id;
    });
    if (asked == input.items.end())  // nothing is kept of it here
        throw bad_param(name + "approval_request_id", "must be that of an item in 'input'");
    const bool may = flag_of(item["approve"], name + "approve");
    const auto cut = [&](const char* member, size_t size) { return (*asked)[member].text.substr(0, size); };
    const std::string label = cut("server_label", max_name_bytes);
    tools.note_result(label + (may ? ": done" : ": that was not allowed"));
    if (!may || approved.size() == max_tool_results) return;
    approved.push_back({cut("id", max_name_bytes), label, cut("name", max_name_bytes),
                        cut("arguments", max_tool_result_bytes)});
}

// A question, or a list of items: messages and the results of tools.
void ResponseRequest::read_input(const Json& input) {
    if (input.kind == Json::Kind::null && previous.empty()) throw missing_param("input");
    if (input.kind == Json::Kind::string) {
        conversation.push_back({"user", input.text});
        tools.note_question(input.text);
    } else if (input.kind != Json::Kind::array && input.kind != Json::Kind::null) {
        throw bad_param("input", "must be text or an array of items");
    }
    for (size_t at = 0; at < input.items.size(); ++at) {
        const Json& item = input.items[at];
        const std::string name = "input[" + std::to_string(at) + "].", type = item["type"].text;
        read_result(item, input, name);
        if (!type.empty() && type != "message") continue;
        conversation.push_back({string_of(item["role"], name + "role"), text_of(item["content"], name + "content")});
        if (conversation.back().role != "user") continue;
        tools.note_question(conversation.back().text);
        approved.clear();  // a matter of the past
    }
    for (Message& message : conversation) {  // it may be stored
        message.role.resize(std::min(message.role.size(), max_name_bytes));
        message.text.resize(std::min(message.text.size(), max_message_bytes));
    }
}

void ResponseRequest::prepend(const std::vector<Message>& earlier) {
    conversation.insert(conversation.begin(), earlier.begin(), earlier.end());
    if (conversation.size() <= max_stored_messages) return;
    conversation.erase(conversation.begin(), conversation.end() - static_cast<ptrdiff_t>(max_stored_messages));
}

Response::Response(const ResponseRequest& request, const Faults& faults, const std::string& number,
                   Clock::duration pace)
    : id("resp_local_" + number), conversation(request.conversation), background(request.background), number_(number),
      model_(request.model), previous_(request.previous), pace_(pace), start_(Clock::now()) {
    const std::vector<BuiltInCall> built_in = request.tools.built_in_calls();
    const std::vector<Call> calls = built_in.empty() ? request.tools.calls(faults) : std::vector<Call>();
    const std::string thought = "The keeper asks. I could guess, or look at the log. Look.";
    const bool has_text = calls.empty() && built_in.empty();
    std::string text =
        has_text ? structured(request.tools.answer(conversation), request.format, "text.format") : "";
    if (count_tokens(text) > request.max_tokens) {
        size_t end = 0;
        for (size_t left = request.max_tokens; left > 0; --left) end = end_of_token(text, end);
        text.resize(end);
        is_cut_short_ = true;
    }
    const bool has_reasoning = request.wants_reasoning || faults.has("reasoning");
    for (const Message& message : conversation) input_tokens_ += count_tokens(message.text);
    reasoning_tokens_ = has_reasoning ? count_tokens(thought) : 0;
    output_tokens_ = count_tokens(text) + reasoning_tokens_;
    conversation.push_back({"assistant", text});

    add("response.created", "\"response\":" + in_progress());
    add("response.in_progress", "\"response\":" + in_progress());
    if (has_reasoning) add_reasoning(thought);
    for (const BuiltInCall& call : built_in) add_built_in_call(call);
    for (const ResponseRequest::Approved& approved : request.approved) add_mcp_call(approved);
    if (!calls.empty()) add_calls(calls);
    if (has_text) add_message(text);
    add("response." + final_status(), "\"response\":" + object(final_status()));
}

std::string Response::snapshot() const {
    if (is_cancelled_) return object("cancelled", false);
    return Clock::now() < due(events_.size() - 1) ? in_progress() : whole();
}

void Response::send_events(Reply& reply, int64_t last) {
    size_t tokens = 0;
    EventStream events(reply, ErrorShape::responses, !was_cut_.exchange(true));
    if (!events.begin()) return;
    for (size_t at = 0; at < events_.size(); ++at) {
        const bool is_half = events_[at].is_token && tokens++ == events_.back().tokens_before / 2;
        if (is_half && last < 0 && events.break_off()) return;
        if (static_cast<int64_t>(at) <= last) continue;
        stop.sleep_until(due(at));
        if (is_cancelled_) break;
        events.send(events_[at].data, events_[at].type);
    }
    events.end();
}

void Response::cancel() {
    if (!background) throw ApiError{400, "Cannot cancel a synchronous response.", "invalid_request"};
    if (Clock::now() >= due(events_.size() - 1))
        throw ApiError{400, "Cannot cancel a completed response.", "invalid_request"};
    is_cancelled_ = true;
}

// An event is due when the tokens up to and including it have taken their time.
Clock::time_point Response::due(size_t event) const {
    const Event& known = events_[event];
    return start_ + pace_ * static_cast<int64_t>(known.tokens_before + (known.is_token ? 1 : 0));
}

void Response::add(const std::string& type, const std::string& members, bool is_token) {
    const size_t before = events_.empty() ? 0 : events_.back().tokens_before + (events_.back().is_token ? 1 : 0);
    const std::string head = "{\"type\":" + quote(type) + ",\"sequence_number\":" + std::to_string(events_.size());
    events_.push_back({type, head + ',' + members + '}', is_token, before});
}

void Response::add_tokens(const std::string& type, const std::string& place, const std::string& text) {
    for (size_t start = 0, end; start < text.size(); start = end) {
        end = end_of_token(text, start);
        add(type, place + ",\"delta\":" + quote(text.substr(start, end - start)), true);
    }
}

namespace {

std::string index_member(size_t index) { return "\"output_index\":" + std::to_string(index); }

}  // namespace

// For an item that is complete: it becomes part of the output, and its event says so.
void Response::finish_item(size_t index, const std::string& item) {
    output_ += (output_.empty() ? "" : ",") + item;
    add("response.output_item.done", index_member(index) + ",\"item\":" + item);
}

std::string Response::item_id(const char* prefix, size_t index) const {
    return prefix + std::string("_local_") + number_ + '_' + std::to_string(index);
}

void Response::add_reasoning(const std::string& text) {
    const std::string item = "{\"id\":" + quote(item_id("rs", 0)) + ",\"type\":\"reasoning\",\"summary\":[";
    const std::string part = "{\"type\":\"summary_text\",\"text\":";
    const std::string place = "\"item_id\":" + quote(item_id("rs", 0)) + ',' + index_member(0) + ",\"summary_index\":0";
    add("response.output_item.added", index_member(0) + ",\"item\":" + item + "]}");
    add("response.reasoning_summary_part.added", place + ",\"part\":" + part + "\"\"}");
    add_tokens("response.reasoning_summary_text.delta", place, text);
    add("response.reasoning_summary_text.done", place + ",\"text\":" + quote(text));
    add("response.reasoning_summary_part.done", place + ",\"part\":" + part + quote(text) + '}');
    finish_item(0, item + part + quote(text) + "}]}");
    items_ = 1;
}

void Response::add_message(const std::string& text) {
    const std::string item_of = "{\"id\":" + quote(item_id("msg", items_)) + ",\"type\":\"message\",\"status\":";
    const std::string content_of = ",\"role\":\"assistant\",\"content\":[";
    const std::string place =
        "\"item_id\":" + quote(item_id("msg", items_)) + ',' + index_member(items_) + ",\"content_index\":0";
    const auto part = [](const std::string& said) {
        return "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":" + quote(said) + '}';
    };
    add("response.output_item.added",
        index_member(items_) + ",\"item\":" + item_of + "\"in_progress\"" + content_of + "]}");
    add("response.content_part.added", place + ",\"part\":" + part(""));
    add_tokens("response.output_text.delta", place + ",\"logprobs\":[]", text);
    add("response.output_text.done", place + ",\"logprobs\":[],\"text\":" + quote(text));
    add("response.content_part.done", place + ",\"part\":" + part(text));
    const char* status = is_cut_short_ ? "\"incomplete\"" : "\"completed\"";
    finish_item(items_, item_of + status + content_of + part(text) + "]}");
}

// Two calls at the same time: the pieces of their arguments alternate, as those of a model that calls in parallel.
void Response::add_calls(const std::vector<Call>& calls) {
    const auto item = [&](size_t which, const char* status, const std::string& arguments) {
        return "{\"id\":" + quote(item_id("fc", items_ + which)) +
               ",\"type\":\"function_call\",\"status\":" + quote(status) +
               ",\"call_id\":" + quote(item_id("call", which)) + ",\"name\":" + quote(calls[which].name) +
               ",\"arguments\":" + quote(arguments) + '}';
    };
    const auto place = [&](size_t which) {
        return "\"item_id\":" + quote(item_id("fc", items_ + which)) + ',' + index_member(items_ + which);
    };
    for (size_t which = 0; which < calls.size(); ++which)
        add("response.output_item.added", index_member(items_ + which) + ",\"item\":" + item(which, "in_progress", ""));
    for (const bool is_first : {true, false}) {
        for (size_t which = 0; which < calls.size(); ++which) {
            const Call& call = calls[which];
            const std::string piece =
                is_first ? call.arguments.substr(0, call.half()) : call.arguments.substr(call.half());
            add("response.function_call_arguments.delta", place(which) + ",\"delta\":" + quote(piece), true);
        }
    }
    for (size_t which = 0; which < calls.size(); ++which) {
        add("response.function_call_arguments.done",
            place(which) + ",\"arguments\":" + quote(calls[which].arguments));
        finish_item(items_ + which, item(which, "completed", calls[which].arguments));
    }
}

// What somebody has to allow, or to run.
void Response::add_built_in_call(const BuiltInCall& call) {
    const size_t index = items_++;
    if (call.type == "mcp") {
        const std::string item = "{\"id\":" + quote(item_id("mcpr", index)) +
                                 ",\"type\":\"mcp_approval_request\",\"arguments\":" + quote("{\"lit\":true}") +
                                 ",\"name\":" + quote("set_" + call.name) +
                                 ",\"server_label\":" + quote(call.name) + '}';
        add("response.output_item.added", index_member(index) + ",\"item\":" + item);
        return finish_item(index, item);
    }
    const std::string command = "echo hello from the shell";
    const bool is_local = call.type == "local_shell";
    const auto item = [&](const char* status, const std::string& said) {
        const std::string action =
            is_local ? "{\"type\":\"exec\",\"command\":[\"sh\",\"-c\"," + quote(said) + "],\"env\":{}}"
                     : "{\"commands\":[" + (said.empty() ? said : quote(said)) +
                           "],\"timeout_ms\":10000,\"max_output_length\":4096}";
        return "{\"id\":" + quote(item_id("sh", index)) + ",\"type\":" + quote(call.type + "_call") +
               ",\"status\":" + quote(status) + ",\"call_id\":" + quote(item_id("call", index)) +
               ",\"action\":" + action + '}';
    };
    const std::string place = index_member(index) + ",\"command_index\":0,";
    add("response.output_item.added", index_member(index) + ",\"item\":" + item("in_progress", ""));
    if (!is_local) {
        add("response.shell_call_command.added", place + "\"command\":\"\"");
        add("response.shell_call_command.delta", place + "\"delta\":" + quote(command), true);
        add("response.shell_call_command.done", place + "\"command\":" + quote(command));
    }
    finish_item(index, item("completed", command));
}

// It was allowed: now this server calls the tool, of which there is none.
void Response::add_mcp_call(const ResponseRequest::Approved& approved) {
    const size_t index = items_++;
    const auto item = [&](const char* status, const std::string& output) {
        return "{\"id\":" + quote(item_id("mcp", index)) + ",\"type\":\"mcp_call\",\"status\":" + quote(status) +
               ",\"approval_request_id\":" + quote(approved.id) +
               ",\"arguments\":" + quote(approved.arguments) +
               ",\"error\":null,\"name\":" + quote(approved.name) + ",\"output\":" +
               quote_or_null(output) + ",\"server_label\":" + quote(approved.label) + '}';
    };
    const std::string place = index_member(index) + ",\"item_id\":" + quote(item_id("mcp", index));
    add("response.output_item.added", index_member(index) + ",\"item\":" + item("in_progress", ""));
    add("response.mcp_call.in_progress", place);
    add("response.mcp_call.completed", place);
    finish_item(index, item("completed", "done"));
}

std::string Response::object(const std::string& status, bool is_over) const {
    const std::string usage =
        "{\"input_tokens\":" + std::to_string(input_tokens_) + ",\"input_tokens_details\":{\"cached_tokens\":0," +
        "\"cache_write_tokens\":0}" +
        ",\"output_tokens\":" + std::to_string(output_tokens_) +
        ",\"output_tokens_details\":{\"reasoning_tokens\":" + std::to_string(reasoning_tokens_) +
        "},\"total_tokens\":" + std::to_string(input_tokens_ + output_tokens_) + '}';
    return "{\"id\":" + quote(id) + ",\"object\":\"response\",\"created_at\":" + std::to_string(created_at_) +
           ",\"status\":" + quote(status) + ",\"background\":" + (background ? "true" : "false") +
           ",\"access_programs\":null,\"error\":null,\"instructions\":null,\"temperature\":1.0,\"top_p\":1.0," +
           "\"incomplete_details\":" +
           (is_over && is_cut_short_ ? "{\"reason\":\"max_output_tokens\"}" : "null") +
           ",\"model\":" + quote(model_) + ",\"output\":[" + (is_over ? output_ : "") +
           "],\"parallel_tool_calls\":true,\"previous_response_id\":" + quote_or_null(previous_) +
           ",\"metadata\":{},\"tool_choice\":\"auto\",\"tools\":[],\"usage\":" + (is_over ? usage : "null") + '}';
}

}  // namespace local_server
