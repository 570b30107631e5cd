// Build: c++ -std=c++17 -I.. approve_tools.cpp -o approve_tools
// Run: ./approve_tools [--yes] ["question"]
//
// A model that wants to call a tool of an MCP server and to run commands here has to ask for each: a person says y or n
// (with --yes: y to all), and the server, which keeps nothing (store: false), gets its own items back byte for byte.
// From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL, MCP_LABEL, MCP_URL; for https see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(_WIN32)
#define popen _popen
#define pclose _pclose
#define BEFORE_COMMANDS ""
#else
#define BEFORE_COMMANDS "exec 2>&1 </dev/null\n"  // errors are told, too; and what the person types is not for it
#endif

namespace oai = openai_stream;

static constexpr size_t max_turns = 8, max_items = 64, max_commands = 16;
static bool says_yes = false;

// What somebody has to agree to, all of it: what moves the cursor, or letters that only look like others, could show a
// command that is not the one that will run.
static void show(oai::StringView text) {
    for (const char c : text) {
        if (c >= ' ' && c <= '~') putchar(c);
        else printf("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
}
static void show(oai::StringView json, const char* path) {
    char memory[64];
    oai::FieldStream fields(oai::Span<const char* const>(&path, 1), memory);
    oai::FieldPiece piece;
    fields.feed(json);
    fields.finish();
    while (fields.next(piece)) show(piece.text);
}

// Memory for what has to stay until the conversation has ended.
class Keeper {
public:
    oai::Buffer room() { return oai::Buffer(memory_ + used_, sizeof memory_ - used_); }
    oai::StringView keep(oai::StringView text) {  // which lies in room()
        used_ += text.size();
        return text;
    }
    // A string in an item; null: not there.
    oai::StringView find(oai::StringView json, const char* path) {
        const oai::FoundValue found = oai::json_find(json, path, room());
        return found.kind == oai::FieldKind::string ? keep(found.text) : oai::StringView();
    }

private:
    char memory_[64 * 1024];
    size_t used_ = 0;
};
static Keeper keeper;

static bool asks() {
    fputs(" [y/n] ", stdout);
    if (says_yes) puts("y");
    fflush(stdout);
    char line[16] = "n";
    return says_yes || (fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y'));
}

// Runs it, and shows and keeps what it says: as much as there is room for.
static oai::CommandOutput run(const char* command) {
    oai::CommandOutput output = {"", "", 1};
    FILE* const from = popen(command, "r");
    if (!from) return output;
    oai::Buffer room = keeper.room();
    if (room.size > 4096) room.size = 4096;
    output.standard_output = keeper.keep(oai::StringView(room.data, fread(room.data, 1, room.size, from)));
    char more[512];
    while (fread(more, 1, sizeof more, from) != 0) {}
    const int status = pclose(from);
    output.exit_code = status > 255 ? status / 256 : status;
    print(output.standard_output);
    return output;
}

// "shell_call": one answer for each of its commands.
static oai::InputItem answer_shell(oai::StringView json) {
    static oai::CommandOutput outputs[max_items][max_commands];
    static size_t calls = 0;
    oai::CommandOutput* const said = outputs[calls++ % max_items];
    size_t count = 0;
    for (; count != max_commands; ++count) {
        char path[40], command[4096] = BEFORE_COMMANDS;
        const size_t before = sizeof BEFORE_COMMANDS - 1;
        snprintf(path, sizeof path, "$.action.commands[%u]", static_cast<unsigned>(count));
        const oai::FoundValue found =
            oai::json_find(json, path, oai::Buffer(command + before, sizeof command - before - 1));
        if (!found && found.error != oai::FieldError::buffer_too_small) break;  // there is no further one
        said[count] = {"", "The user does not want that.", 1};
        printf("It wants to run: ");
        show(json, path);
        if (!found || found.kind != oai::FieldKind::string || strlen(command) != before + found.text.size()) {
            said[count].standard_error = "That is too long, or no command.";
            puts("\nThat cannot be run.");
        } else if (asks()) {
            said[count] = run(command);
        }
    }
    return oai::InputItem::shell_call_output(keeper.find(json, "$.call_id"), {said, count});
}

// "mcp_approval_request": the server of the model calls the tool itself, if it may.
static oai::InputItem answer_approval(oai::StringView json) {
    printf("It wants to call ");
    show(json, "$.name");
    printf(" of ");
    show(json, "$.server_label");
    printf(" with ");
    show(json, "$.arguments");
    const bool may = asks();
    return oai::InputItem::mcp_approval_response(keeper.find(json, "$.id"), may);
}

// One answer: its text is shown while it comes, its items are kept. Returns false if it failed.
static bool listen(oai::Stream& stream, const oai::Endpoint& server, const oai::ResponseRequest& ask,
                   oai::Collector& answer) {
    stream.open(server, ask);
    for (const oai::Event& e : stream) {
        answer.add_with_item(e);
        if (e.is_text()) print(e.text);
    }
    answer.end(stream.verdict());
    if (is_good(stream) && answer.error() != oai::Error::none) fprintf(stderr, "%s\n", oai::describe(answer.error()));
    return answer.is_complete();
}

// The whole conversation is sent again each time: what the model said as it came, and what it was told.
static bool converse(oai::Stream& stream, const oai::Endpoint& server, const char* question, oai::Buffer memory) {
    char mcp[500];
    snprintf(mcp, sizeof mcp, R"({"type":"mcp","server_label":"%s","server_url":"%s","require_approval":"always"})",
             setting("MCP_LABEL", "lamp"), setting("MCP_URL", "https://lamp.example/mcp"));
    const oai::JsonValue tools[] = {R"({"type":"shell","environment":{"type":"local"}})", mcp};
    const oai::StringView include[] = {"reasoning.encrypted_content"};
    oai::ResponseOptions options;
    options.store = oai::Tristate::no;
    options.include = include;

    static oai::InputItem items[max_items];
    size_t count = 0;
    items[count++] = oai::InputItem::user(question);
    for (size_t turn = 0; turn != max_turns; ++turn) {
        oai::ResponseRequest ask(setting("OPENAI_MODEL", "local"), oai::List<oai::InputItem>(items, count));
        ask.built_in_tools = tools;
        ask.options = options;
        ask.extras = &oai::whole_items;
        oai::Collector answer(memory);
        if (!listen(stream, server, ask, answer)) return false;
        memory = answer.release_unused();
        const oai::List<oai::InputItem> said = answer.as_items();
        if (said.size * 2 > max_items - count) break;
        for (const oai::InputItem& item : said) items[count++] = item;
        const size_t before = count;
        for (const oai::InputItem& item : said) {
            char text[64];
            const oai::StringView type = oai::json_find(item.json_text(), "$.type", text).text;
            if (type == "shell_call") items[count++] = answer_shell(item.json_text());
            if (type == "mcp_approval_request") items[count++] = answer_approval(item.json_text());
        }
        if (count == before) return true;  // it has asked for nothing
    }
    fprintf(stderr, "It is still asking; that is enough.\n");
    return false;
}

int main(int count, char** words) {
    static char memory[16 * 1024], said[64 * 1024];
    says_yes = count > 1 && strcmp(words[1], "--yes") == 0;
    const int first = says_yes ? 2 : 1;
    const char* const question = count > first ? words[first] : "Light the lamp, and run a command that says hello.";
    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    Connection connection(server);
    oai::Stream stream(connection, memory);
    const bool is_well = converse(stream, server, question, oai::Buffer(said));
    puts("");
    return is_well ? 0 : 1;
}
