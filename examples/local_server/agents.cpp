#include "agents.hpp"

#include "errors.hpp"
#include "json.hpp"
#include "lumen.hpp"
#include "request_fields.hpp"
#include "text.hpp"

namespace local_server {
namespace {

// All that is told of a session, in its order.
class Turn {
public:
    Turn(const AgentSession& session, bool has_reasoning)
        : session_(session), text_(answer_of_lumen({{"user", session.question}})),
          thought_(has_reasoning ? "The keeper asks by way of an agent. I could guess, or look. Look." : "") {
        add_session("created", "in_progress");
        add_session("in_progress", "in_progress");
        add_turn("created", "queued");
        add_turn("in_progress", "in_progress");
        if (has_reasoning) add_reasoning();
        add_message();
        add_turn("completed", "completed");
        add_session("idle", "idle");
    }

    const std::vector<KnownEvent>& events() const { return events_; }

    std::string session(const std::string& status) const {
        const std::string created = std::to_string(session_.created_at);
        return "{\"id\":" + quote(session_.id) + ",\"object\":\"agent.session\",\"agent\":{\"id\":\"agent_local\"," +
               "\"name\":\"Lumen\",\"instructions\":null,\"model\":" + quote(session_.model) +
               ",\"multi_agent\":{\"enabled\":false,\"max_concurrent_subagents\":null}," +
               "\"reasoning\":{\"effort\":null,\"summary\":null},\"service_tier\":\"default\"," +
               "\"text\":{\"format\":{\"type\":\"text\"},\"verbosity\":\"medium\"},\"tools\":[]},\"created_at\":" +
               created + ",\"last_active_at\":" + created +
               ",\"environment\":{\"type\":\"none\"},\"error\":null,\"metadata\":{},\"required_actions\":[]," +
               "\"status\":" + quote(status) + ",\"usage\":" + (status == "idle" ? usage() : "null") +
               ",\"vault_ids\":[]}";
    }

private:
    void add(const std::string& kind, const std::string& members, bool is_token = false) {
        const std::string type = "agent.session." + kind;
        events_.push_back({"{\"type\":" + quote(type) + ",\"event_id\":\"evt_local_" + session_.number + '_' +
                               std::to_string(events_.size()) + "\"," + members + '}',
                           type, is_token});
    }
    void add_session(const std::string& kind, const std::string& status) {
        add(kind, "\"session\":" + session(status));
    }
    // What belongs to the turn says so.
    void add_here(const std::string& kind, const std::string& members, bool is_token = false) {
        add("turn." + kind, "\"session_id\":" + quote(session_.id) + ",\"turn_id\":" + quote(turn_id()) + ',' + members,
            is_token);
    }

    void add_turn(const std::string& kind, const std::string& status) {
        const std::string created = std::to_string(session_.created_at);
        const bool is_over = status == "completed";
        const std::string used = is_over ? usage() : "null";
        add_here(kind, "\"turn\":{\"id\":" + quote(turn_id()) +
                           ",\"object\":\"agent.session.turn\",\"agent_id\":\"agent_local\",\"session_id\":" +
                           quote(session_.id) + ",\"subagent_id\":null,\"created_at\":" + created +
                           ",\"started_at\":" + (status == "queued" ? "null" : created) +
                           ",\"completed_at\":" + (is_over ? created : "null") + ",\"error\":null,\"status\":" +
                           quote(status) + ",\"usage\":" + used + '}' + (is_over ? ",\"usage\":" + used : ""));
    }

    void add_reasoning() {
        const auto item = [&](const char* status, const std::string& summary) {
            return index() + ",\"item\":{\"id\":" + quote(item_id()) + ",\"type\":\"reasoning\",\"status\":" +
                   quote(status) + ",\"turn_id\":" + quote(turn_id()) + ",\"summary\":[" + summary + "]}";
        };
        const std::string place = index() + ",\"item_id\":" + quote(item_id()) + ",\"summary_index\":0,";
        const auto part = [](const std::string& text) {
            return "{\"type\":\"summary_text\",\"text\":" + quote(text) + '}';
        };
        add_here("item.added", item("in_progress", ""));
        add_here("reasoning_summary_part.added", place + "\"part\":" + part(""));
        for (const std::string& token : tokens_of(thought_))
            add_here("reasoning_summary_text.delta", place + "\"delta\":" + quote(token), true);
        add_here("reasoning_summary_text.done", place + "\"text\":" + quote(thought_));
        add_here("reasoning_summary_part.done", place + "\"status\":null,\"part\":" + part(thought_));
        add_here("item.done", item("completed", part(thought_)));
        ++items_;
    }

    void add_message() {
        const auto item = [&](const char* status, const std::string& content) {
            return index() + ",\"item\":{\"id\":" + quote(item_id()) + ",\"type\":\"message\",\"role\":\"assistant\"," +
                   "\"status\":" + quote(status) + ",\"phase\":\"final_answer\",\"turn_id\":" + quote(turn_id()) +
                   ",\"content\":[" + content + "]}";
        };
        const std::string place = index() + ",\"item_id\":" + quote(item_id()) + ",\"content_index\":0,";
        const auto part = [](const std::string& text) {
            return "{\"type\":\"output_text\",\"text\":" + quote(text) + '}';
        };
        add_here("item.added", item("in_progress", ""));
        add_here("content_part.added", place + "\"part\":" + part(""));
        for (const std::string& token : tokens_of(text_))
            add_here("output_text.delta", place + "\"delta\":" + quote(token), true);
        add_here("output_text.done", place + "\"text\":" + quote(text_));
        add_here("content_part.done", place + "\"part\":" + part(text_));
        add_here("item.done", item("completed", part(text_)));
    }

    std::string turn_id() const { return "turn_local_" + session_.number; }
    std::string item_id() const { return "item_local_" + session_.number + '_' + std::to_string(items_); }
    std::string index() const { return "\"output_index\":" + std::to_string(items_); }
    std::string usage() const {
        const size_t asked = count_tokens(session_.question), thought = count_tokens(thought_);
        const size_t said = count_tokens(text_) + thought;
        return "{\"input_tokens\":" + std::to_string(asked) + ",\"input_tokens_details\":{\"cached_tokens\":0}," +
               "\"output_tokens\":" + std::to_string(said) + ",\"output_tokens_details\":{\"reasoning_tokens\":" +
               std::to_string(thought) + "},\"total_tokens\":" + std::to_string(asked + said) + '}';
    }

    const AgentSession& session_;
    const std::string text_, thought_;
    size_t items_ = 0;  // before the one that is told of
    std::vector<KnownEvent> events_;
};

// A text, or messages, of which the last counts.
std::string question_of(const Json& input) {
    if (input.kind == Json::Kind::null || input.kind == Json::Kind::string)
        return input.text.substr(0, max_message_bytes);
    const std::vector<Message> messages = messages_of(input, "input");
    return messages.empty() ? "" : messages.back().text;
}

}  // namespace

Agents::Agents(Clock::duration pace)
    : pace_(pace), always_(std::make_shared<AgentSession>(
                       AgentSession{"local", "local", "Why is the sky blue?", "0", std::time(nullptr)})) {}

bool Agents::answer(const Request& request, const std::string& path, Reply& reply) {
    const std::string root = "/v1/agents/sessions";
    if (path.compare(0, root.size(), root) != 0) return false;
    const std::string rest = path.substr(root.size()), id = before(rest.substr(rest.empty() ? 0 : 1), "/");
    const bool is_creation = rest.empty(), is_one = rest == '/' + id, are_events = rest == '/' + id + "/events";
    if (!is_creation && !is_one && !are_events) return false;
    const char* const method = is_creation ? "POST" : "GET";
    if (request.method != method) throw wrong_method(method);
    require_beta(request, "agents=v1");
    if (is_creation) {
        create(request, reply);
        return true;
    }
    const std::shared_ptr<AgentSession> session = stored(id);
    reply.faults.add(session->model);
    if (reply.send_refusal()) return true;
    if (are_events) send_events(*session, reply);
    else reply.send_json(Turn(*session, false).session("idle"));
    return true;
}

void Agents::create(const Request& request, Reply& reply) {
    const Json body = read_json(request.body);
    if (body["environment"].kind != Json::Kind::object) throw missing_param("environment");
    const Json& model = body["agent"]["model"];
    const auto session = std::make_shared<AgentSession>();
    session->id = "sess_local_" + reply.id();
    session->model = model.kind == Json::Kind::null ? "local" : model_of(body["agent"]);
    session->question = question_of(body["input"]);
    session->number = reply.id();
    session->created_at = std::time(nullptr);
    Faults().add(session->model);  // a word that is no fault is refused now
    store_.add(session);
    if (!flag_of(body["stream"], "stream")) return reply.send_json(Turn(*session, false).session("in_progress"));
    reply.faults.add(session->model);
    if (!reply.send_refusal()) send_events(*session, reply);
}

std::shared_ptr<AgentSession> Agents::stored(const std::string& id) {
    const std::shared_ptr<AgentSession> session = id == always_->id ? always_ : store_.find(id);
    if (session) return session;
    throw ApiError{404, "No session found with id '" + id.substr(0, 100) + "'.", "not_found", "session_id"};
}

// Each time from the beginning.
void Agents::send_events(const AgentSession& session, Reply& reply) {
    const Turn turn(session, reply.faults.has("reasoning"));
    if (reply.faults.has("whole")) return reply.send_json(turn.session("idle"));
    EventStream events(reply, ErrorShape::agents, true, session.id);
    if (!events.begin() || !events.send_all(turn.events(), pace_)) return;
    events.end();
}

}  // namespace local_server
