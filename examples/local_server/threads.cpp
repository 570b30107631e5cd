#include "threads.hpp"

#include "errors.hpp"
#include "json.hpp"
#include "request_fields.hpp"
#include "text.hpp"

#include <algorithm>

namespace local_server {
namespace {

constexpr const char* all_threads = "/v1/threads";

void add_messages(Thread& thread, const std::vector<Message>& messages, const std::string& number) {
    for (const Message& message : messages)
        thread.messages.push_back(
            {"msg_local_" + number + '_' + std::to_string(thread.messages.size()), message, "", ""});
    if (thread.messages.size() <= max_stored_messages) return;
    thread.messages.erase(thread.messages.begin(),
                          thread.messages.end() - static_cast<ptrdiff_t>(max_stored_messages));
}

size_t tokens_in(const std::vector<Message>& conversation) {
    size_t count = 0;
    for (const Message& message : conversation) count += count_tokens(message.text);
    return count;
}

// What stands between the '/' of "/ID/runs/RUN/submit_tool_outputs".
std::vector<std::string> words_between(const std::string& path) {
    std::vector<std::string> words;
    for (size_t at = 1; at <= path.size(); at += words.back().size() + 1) words.push_back(before(path.substr(at), "/"));
    return words;
}

}  // namespace

std::vector<Message> Thread::conversation() const {
    std::vector<Message> said;
    for (const Said& one : messages) said.push_back(one.message);
    return said;
}

std::string Thread::object() const {
    return "{\"id\":" + quote(id) + ",\"object\":\"thread\",\"created_at\":" + std::to_string(created_at) +
           ",\"metadata\":{},\"tool_resources\":{}}";
}

bool Threads::answer(const Request& request, const std::string& path, Reply& reply) {
    const std::string root = all_threads;
    if (path.compare(0, root.size(), root) != 0) return false;
    if (path.size() > root.size() && path[root.size()] != '/') return false;
    const std::vector<std::string> words = words_between(path.substr(root.size()));
    const auto is = [&](const char* method, std::vector<std::string> known) {
        for (size_t at = 0; at < known.size() && at < words.size(); ++at)
            if (known[at] == "*") known[at] = words[at];
        if (words != known) return false;
        if (request.method != method) throw wrong_method(method);
        require_beta(request, "assistants=v2");
        return true;
    };
    const auto body = [&] { return read_json(request.body); };
    if (is("POST", {})) {
        reply.send_json(make(body(), reply)->object());
    } else if (is("POST", {"runs"})) {
        const Json wish = body();
        run(make(wish["thread"], reply), wish, true, reply);
    } else if (is("GET", {"*", "messages"})) {
        list_messages(*stored(words[0]), reply);
    } else if (is("POST", {"*", "runs"})) {
        run(stored(words[0]), body(), false, reply);
    } else if (is("POST", {"*", "runs", "*", "submit_tool_outputs"})) {
        submit(stored(words[0]), words[2], body(), reply);
    } else {
        return false;
    }
    return true;
}

std::shared_ptr<Thread> Threads::make(const Json& body, Reply& reply) {
    const auto thread = std::make_shared<Thread>();
    thread->id = "thread_local_" + reply.id();
    thread->created_at = std::time(nullptr);
    add_messages(*thread, messages_of(body["messages"], "messages"), reply.id());
    store_.add(thread);
    return thread;
}

std::shared_ptr<Thread> Threads::stored(const std::string& id) {
    const std::shared_ptr<Thread> thread = store_.find(id);
    if (thread) return thread;
    throw ApiError{404, "No thread found with id '" + id.substr(0, 100) + "'.", "not_found", "thread_id"};
}

// The newest first.
void Threads::list_messages(const Thread& thread, Reply& reply) {
    if (reply.send_refusal()) return;
    std::lock_guard<std::mutex> lock(mutex_);
    std::string list;
    for (size_t at = thread.messages.size(); at-- > 0;) {
        const Thread::Said& said = thread.messages[at];
        RunNames names;
        names.id = said.run_id;
        names.thread_id = thread.id;
        names.assistant_id = said.assistant_id;
        names.created_at = thread.created_at;
        list += (list.empty() ? "" : ",") + thread_message(names, said.id, said.message.role, said.message.text,
                                                           said.run_id.empty() ? "" : "completed");
    }
    const auto id_of = [](const Thread::Said& said) { return quote(said.id); };
    const bool is_empty = thread.messages.empty();
    reply.send_json("{\"object\":\"list\",\"data\":[" + list +
                    "],\"first_id\":" + (is_empty ? "null" : id_of(thread.messages.back())) +
                    ",\"last_id\":" + (is_empty ? "null" : id_of(thread.messages.front())) + ",\"has_more\":false}");
}

void Threads::run(const std::shared_ptr<Thread>& thread, const Json& body, bool is_new, Reply& reply) {
    RunNames names;
    names.id = "run_local_" + reply.id();
    names.thread_id = thread->id;
    names.assistant_id = string_of(body["assistant_id"], "assistant_id").substr(0, max_name_bytes);
    names.model = body["model"].kind == Json::Kind::null ? "local" : model_of(body);
    names.number = reply.id();
    names.created_at = std::time(nullptr);
    reply.faults.add(names.assistant_id);  // in place of the model, which is the assistant's
    reply.faults.add(names.model);
    if (reply.send_refusal()) return;

    Tools tools;
    tools.choose(body["tool_choice"]);
    for (const Json& tool : body["tools"].items) tools.offer(tool["function"]);
    const std::vector<Message> more = messages_of(body["additional_messages"], "additional_messages");
    std::shared_ptr<const Run> made;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        if (thread->waiting)
            throw ApiError{400, thread->id + " already has an active run " + thread->waiting->names.id + '.',
                           "invalid_request"};
        add_messages(*thread, more, reply.id());
        const std::vector<Message> conversation = thread->conversation();
        for (const Message& message : conversation)
            if (message.role == "user") tools.note_question(message.text);
        const std::vector<Call> calls = tools.calls(reply.faults);
        const std::string text = calls.empty() ? tools.answer(conversation) : "";
        made = std::make_shared<Run>(names, calls, text, tokens_in(conversation));
        if (!calls.empty()) thread->waiting = made;
        else thread->messages.push_back({made->message_id, {"assistant", text}, names.id, names.assistant_id});
    }
    std::vector<KnownEvent> events = made->events();
    if (is_new) events.insert(events.begin(), {thread->object(), "thread.created"});
    send(*made, std::move(events), body, reply);
}

// What the tools have said: the rest of the run.
void Threads::submit(const std::shared_ptr<Thread>& thread, const std::string& run_id, const Json& body, Reply& reply) {
    if (reply.send_refusal()) return;
    const Json& outputs = body["tool_outputs"];
    if (outputs.kind == Json::Kind::null) throw missing_param("tool_outputs");
    if (outputs.kind != Json::Kind::array) throw bad_param("tool_outputs", "must be an array");
    std::shared_ptr<const Run> earlier, made;
    std::vector<std::string> results;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        earlier = thread->waiting;
        if (!earlier || earlier->names.id != run_id)
            throw ApiError{400, "Run '" + run_id.substr(0, 100) + "' does not wait for tool outputs.",
                           "invalid_request"};
        reply.faults.add(earlier->names.assistant_id);
        Tools tools;
        for (size_t which = 0; which < earlier->calls.size(); ++which) {
            const auto is_its = [&](const Json& output) {
                return output["tool_call_id"].text == earlier->call_id(which);
            };
            const auto found = std::find_if(outputs.items.begin(), outputs.items.end(), is_its);
            if (found == outputs.items.end() || outputs.items.size() != earlier->calls.size())
                throw bad_param("tool_outputs", "must be one for each call, and so for " + earlier->call_id(which));
            results.push_back((*found)["output"].text.substr(0, max_tool_result_bytes));
            tools.note_result(results.back());
        }
        const std::vector<Message> conversation = thread->conversation();
        const std::string text = tools.answer(conversation);
        const RunNames& names = earlier->names;
        made = std::make_shared<Run>(names, std::vector<Call>(), text, tokens_in(conversation));
        thread->waiting = nullptr;
        thread->messages.push_back({made->message_id, {"assistant", text}, names.id, names.assistant_id});
    }
    send(*made, made->events_after(*earlier, results), body, reply);
}

void Threads::send(const Run& run, std::vector<KnownEvent> events, const Json& body, Reply& reply) {
    if (!flag_of(body["stream"], "stream") || reply.faults.has("whole"))
        return reply.send_json(run.object(run.final_status()));
    EventStream stream(reply, ErrorShape::assistants);
    if (!stream.begin() || !stream.send_all(events, pace_)) return;
    if (!reply.faults.has("no-done")) stream.send("[DONE]", "done");
    stream.end();
}

}  // namespace local_server
