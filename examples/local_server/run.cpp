#include "run.hpp"

#include "json.hpp"
#include "text.hpp"

namespace local_server {
namespace {

// Both are null until the time has come.
std::string time_or_null(bool is_known, std::time_t time) { return is_known ? std::to_string(time) : "null"; }

std::string text_content(const std::string& text) {
    return "\"type\":\"text\",\"text\":{\"value\":" + quote(text) + ",\"annotations\":[]}";
}

}  // namespace

std::string thread_message(const RunNames& run, const std::string& id, const std::string& role,
                           const std::string& text, const char* status) {
    const bool is_said = *status != '\0', is_over = status == std::string("completed");
    return "{\"id\":" + quote(id) + ",\"object\":\"thread.message\",\"created_at\":" + std::to_string(run.created_at) +
           ",\"assistant_id\":" + quote_or_null(run.assistant_id) + ",\"thread_id\":" + quote(run.thread_id) +
           ",\"run_id\":" + quote_or_null(run.id) + (is_said ? ",\"status\":" + quote(status) : "") +
           ",\"incomplete_details\":null,\"incomplete_at\":null,\"completed_at\":" +
           time_or_null(is_over, run.created_at) + ",\"role\":" + quote(role) + ",\"content\":[" +
           (text.empty() ? "" : '{' + text_content(text) + '}') + "],\"attachments\":[],\"metadata\":{}}";
}

Run::Run(const RunNames& run, const std::vector<Call>& wanted, const std::string& answer, size_t prompt_tokens)
    : names(run), calls(wanted), text(answer), message_id("msg_local_" + run.number), prompt_tokens_(prompt_tokens) {}

std::vector<KnownEvent> Run::events() const {
    std::vector<KnownEvent> events;
    events.push_back({object("queued"), "thread.run.created"});
    add_status(events, "queued");
    add_status(events, "in_progress");
    if (calls.empty()) add_message(events);
    else add_calls(events);
    add_status(events, final_status());
    return events;
}

std::vector<KnownEvent> Run::events_after(const Run& earlier, const std::vector<std::string>& results) const {
    std::vector<KnownEvent> events;
    const std::string details = "{\"type\":\"tool_calls\",\"tool_calls\":" + earlier.calls_json(&results) + '}';
    events.push_back({earlier.step("tool_calls", details, "completed"), "thread.run.step.completed"});
    add_status(events, "queued");
    add_status(events, "in_progress");
    add_message(events);
    add_status(events, final_status());
    return events;
}

void Run::add_status(std::vector<KnownEvent>& events, const std::string& status) const {
    events.push_back({object(status), "thread.run." + status});
}

// Two calls at the same time, whose arguments come in two pieces each.
void Run::add_calls(std::vector<KnownEvent>& events) const {
    const std::string nothing_yet = "{\"type\":\"tool_calls\",\"tool_calls\":[]}";
    for (const char* stage : {"created", "in_progress"})
        events.push_back({step("tool_calls", nothing_yet, "in_progress"), std::string("thread.run.step.") + stage});
    const auto add = [&](size_t which, const std::string& members, const std::string& function) {
        events.push_back({"{\"id\":" + quote(step_id()) +
                              ",\"object\":\"thread.run.step.delta\",\"delta\":{\"step_details\":{\"type\":"
                              "\"tool_calls\",\"tool_calls\":[{\"index\":" + std::to_string(which) + members +
                              ",\"type\":\"function\",\"function\":{" + function + "}}]}}}",
                          "thread.run.step.delta", true});
    };
    for (size_t which = 0; which < calls.size(); ++which)
        add(which, ",\"id\":" + quote(call_id(which)),
            "\"name\":" + quote(calls[which].name) + ",\"arguments\":\"\",\"output\":null");
    for (const bool is_first : {true, false}) {
        for (size_t which = 0; which < calls.size(); ++which) {
            const Call& call = calls[which];
            add(which, "", "\"arguments\":" + quote(is_first ? call.arguments.substr(0, call.half())
                                                            : call.arguments.substr(call.half())));
        }
    }
}

void Run::add_message(std::vector<KnownEvent>& events) const {
    const std::string details =
        "{\"type\":\"message_creation\",\"message_creation\":{\"message_id\":" + quote(message_id) + "}}";
    const auto add_step = [&](const char* status, const char* stage) {
        events.push_back({step("message_creation", details, status), std::string("thread.run.step.") + stage});
    };
    add_step("in_progress", "created");
    add_step("in_progress", "in_progress");
    for (const char* stage : {"created", "in_progress"})
        events.push_back({thread_message(names, message_id, "assistant", "", "in_progress"),
                          std::string("thread.message.") + stage});
    for (const std::string& token : tokens_of(text))
        events.push_back({"{\"id\":" + quote(message_id) +
                              ",\"object\":\"thread.message.delta\",\"delta\":{\"content\":[{\"index\":0," +
                              text_content(token) + "}]}}",
                          "thread.message.delta", true});
    events.push_back({thread_message(names, message_id, "assistant", text, "completed"), "thread.message.completed"});
    add_step("completed", "completed");
}

std::string Run::step(const std::string& type, const std::string& details, const std::string& status) const {
    const bool is_over = status == "completed";
    const std::string id = type == "tool_calls" ? step_id() : step_id() + "_message";
    return "{\"id\":" + quote(id) + ",\"object\":\"thread.run.step\",\"created_at\":" +
           std::to_string(names.created_at) + ",\"run_id\":" + quote(names.id) +
           ",\"assistant_id\":" + quote(names.assistant_id) + ",\"thread_id\":" + quote(names.thread_id) +
           ",\"type\":" + quote(type) + ",\"status\":" + quote(status) +
           ",\"cancelled_at\":null,\"completed_at\":" + time_or_null(is_over, names.created_at) +
           ",\"expired_at\":null,\"failed_at\":null,\"last_error\":null,\"step_details\":" + details +
           ",\"metadata\":{},\"usage\":null}";
}

// With what the tools have said, or as they are to be called.
std::string Run::calls_json(const std::vector<std::string>* results) const {
    std::string list;
    for (size_t at = 0; at < calls.size(); ++at) {
        const std::string output = results ? ",\"output\":" + quote((*results)[at]) : "";
        list += (at == 0 ? "" : ",") + ("{\"id\":" + quote(call_id(at))) + ",\"type\":\"function\",\"function\":{" +
                "\"name\":" + quote(calls[at].name) + ",\"arguments\":" + quote(calls[at].arguments) + output + "}}";
    }
    return '[' + list + ']';
}

std::string Run::object(const std::string& status) const {
    const bool is_over = status == "completed", waits = status == "requires_action";
    const std::string action =
        "{\"type\":\"submit_tool_outputs\",\"submit_tool_outputs\":{\"tool_calls\":" + calls_json(nullptr) + "}}";
    const size_t said = count_tokens(text);
    const std::string usage = "{\"prompt_tokens\":" + std::to_string(prompt_tokens_) +
                              ",\"completion_tokens\":" + std::to_string(said) +
                              ",\"total_tokens\":" + std::to_string(prompt_tokens_ + said) + '}';
    return "{\"id\":" + quote(names.id) + ",\"object\":\"thread.run\",\"created_at\":" +
           std::to_string(names.created_at) + ",\"assistant_id\":" + quote(names.assistant_id) +
           ",\"thread_id\":" + quote(names.thread_id) + ",\"status\":" + quote(status) +
           ",\"required_action\":" + (waits ? action : "null") +
           ",\"last_error\":null,\"expires_at\":" + time_or_null(!is_over, names.created_at + 600) +
           ",\"started_at\":" + time_or_null(status != "queued", names.created_at) +
           ",\"cancelled_at\":null,\"failed_at\":null,\"completed_at\":" + time_or_null(is_over, names.created_at) +
           ",\"incomplete_details\":null,\"model\":" + quote(names.model) +
           ",\"instructions\":\"\",\"tools\":[],\"metadata\":{},\"usage\":" + (is_over ? usage : "null") +
           ",\"max_prompt_tokens\":null,\"max_completion_tokens\":null," +
           "\"truncation_strategy\":{\"type\":\"auto\",\"last_messages\":null},\"tool_choice\":\"auto\"," +
           "\"parallel_tool_calls\":true,\"response_format\":\"auto\"}";
}

}  // namespace local_server
