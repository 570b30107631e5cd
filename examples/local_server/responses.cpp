#include "responses.hpp"

#include "errors.hpp"
#include "json.hpp"

namespace local_server {

void Responses::create(const std::string& body, Reply& reply) {
    ResponseRequest request(read_json(body));
    reply.faults.add(request.model);
    if (reply.send_refusal()) return;
    std::vector<Message> earlier;
    if (!request.previous.empty()) {
        const std::shared_ptr<Response> previous = store_.find(request.previous);
        if (!previous)
            throw ApiError{400, "Previous response with id '" + request.previous.substr(0, 100) + "' not found.",
                           "previous_response_not_found", "previous_response_id"};
        earlier = previous->conversation;
    }
    request.prepend(earlier);
    const auto response = std::make_shared<Response>(request, reply.faults, reply.id(), pace_);
    if (request.store) store_.add(response);
    if (request.stream && !reply.faults.has("whole")) return response->send_events(reply, -1);
    reply.send_json(request.background ? response->snapshot() : response->whole());
}

void Responses::retrieve(const Request& request, const std::string& id, Reply& reply) {
    const std::shared_ptr<Response> response = stored(id);
    if (request.parameter("stream") != "true" || reply.faults.has("whole"))
        return reply.send_json(response->snapshot());
    const std::string after = request.parameter("starting_after");
    if (after.size() > 9 || after.find_first_not_of("0123456789") != after.npos)
        throw bad_param("starting_after", "must be a sequence number");
    response->send_events(reply, after.empty() ? -1 : std::stoi(after));
}

void Responses::cancel(const std::string& id, Reply& reply) {
    const std::shared_ptr<Response> response = stored(id);
    response->cancel();
    reply.send_json(response->snapshot());
}

std::shared_ptr<Response> Responses::stored(const std::string& id) {
    const std::shared_ptr<Response> response = store_.find(id);
    if (response) return response;
    throw ApiError{404, "Response with id '" + id.substr(0, 100) + "' not found.", "not_found", "id"};
}

}  // namespace local_server
