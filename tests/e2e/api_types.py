"""Holds what a server says against the types of OpenAI's own package, as ../shared/facts/api-types.jsonl has them: one
record a line, {"file":..., "name":..., "members":{"name" or "name?": an expression of TypeScript}}."""
import json
import os
import pathlib
import re

SHARED = pathlib.Path(os.environ.get("OPENAI_STREAM_SHARED") or pathlib.Path(__file__).resolve().parents[3] / "shared")
FACTS = SHARED / "facts" / "api-types.jsonl"

# What the data names and has not got (OpenAPI 2.3.0: ThreadObject, RunObject, MessageObject, the details of steps).
METADATA = "{ [key: string]: string; } | null"
MORE = {
    "Thread": {"id": "string", "object": "'thread'", "created_at": "number", "metadata": METADATA,
               "tool_resources": "unknown"},
    "Run": {"id": "string", "object": "'thread.run'", "created_at": "number", "thread_id": "string",
            "assistant_id": "string",
            "status": "'queued' | 'in_progress' | 'requires_action' | 'cancelling' | 'cancelled' | 'failed' | "
                      "'completed' | 'incomplete' | 'expired'",
            "required_action": "RequiredAction | null", "last_error": "unknown | null", "expires_at": "number | null",
            "started_at": "number | null", "cancelled_at": "number | null", "failed_at": "number | null",
            "completed_at": "number | null", "incomplete_details": "unknown | null", "model": "string",
            "instructions": "string", "tools": "Array<unknown>", "metadata": METADATA,
            "usage": "Usage | null", "max_prompt_tokens": "number | null", "max_completion_tokens": "number | null",
            "truncation_strategy": "unknown | null", "tool_choice": "unknown | null",
            "parallel_tool_calls": "boolean", "response_format": "unknown | null"},
    "Run.Usage": {"prompt_tokens": "number", "completion_tokens": "number", "total_tokens": "number"},
    "Run.RequiredAction": {"type": "'submit_tool_outputs'", "submit_tool_outputs": "SubmitToolOutputs"},
    "Run.RequiredAction.SubmitToolOutputs": {"tool_calls": "Array<Call>"},
    "Run.RequiredAction.SubmitToolOutputs.Call": {"id": "string", "type": "'function'", "function": "Function"},
    "Run.RequiredAction.SubmitToolOutputs.Call.Function": {"name": "string", "arguments": "string"},
    "Message": {"id": "string", "object": "'thread.message'", "created_at": "number", "thread_id": "string",
                "status?": "'in_progress' | 'incomplete' | 'completed'", "incomplete_details": "unknown | null",
                "completed_at": "number | null", "incomplete_at": "number | null", "role": "'user' | 'assistant'",
                "content": "Array<TextContentBlock>", "assistant_id": "string | null", "run_id": "string | null",
                "attachments": "Array<unknown> | null", "metadata": METADATA},
    "MessageCreationStepDetails": {"type": "'message_creation'", "message_creation": "MessageCreation"},
    "MessageCreationStepDetails.MessageCreation": {"message_id": "string"},
    "ToolCallsStepDetails": {"type": "'tool_calls'", "tool_calls": "Array<FunctionToolCall>"},
    "FunctionToolCall": {"id": "string", "type": "'function'", "function": "Function"},
    "FunctionToolCall.Function": {"name": "string", "arguments": "string", "output": "string | null"},
}
SCALARS = {"string": str, "number": (int, float), "boolean": bool}


def alternatives(expression):
    """What stands between the outer '|'."""
    parts, depth, quoted = [""], 0, False
    for char in expression:
        quoted ^= char == "'"
        depth += 0 if quoted else (char in "<{(") - (char in ">})")
        if char == "|" and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


class Types:
    """All of them. `unchecked` has the names of objects that were met and that the data does not have."""

    def __init__(self):
        rows = [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()]
        rows = [row for row in rows if "Param" not in row["name"]]  # of requests
        self.rows = rows + [{"file": "more", "name": name, "members": members} for name, members in MORE.items()]
        self.unchecked = set()

    def find(self, name, scope=None):
        """The record that a name means in a scope, which is a record, too: as TypeScript looks it up."""
        levels = scope["name"].split(".") if scope else []
        names = [".".join(levels[:count] + [name]) for count in range(len(levels), -1, -1)]
        names += [name.split(".", 1)[1]] if re.match(r"\w+API\.|Shared\.", name) else []
        for wanted in names:
            found = [row for row in self.rows if row["name"] == wanted]
            found.sort(key=lambda row: scope is None or row["file"] != scope["file"])
            if found:
                return found[0]
        return None

    def of_type(self, literal, file=""):
        """All records whose `type` says that."""
        return [row for row in self.rows
                if f"'{literal}'" in alternatives(row["members"].get("type", "")) and row["file"].startswith(file)]

    def complaints(self, value, row, where="", extra=()):
        """What is wrong with an object: what is missing, of the wrong type, or unknown."""
        if not isinstance(value, dict):
            return [f"{where} is no {row['name']}: {value!r}"]
        wrong, known = [], set()
        for member, expression in row["members"].items():
            name = member.removesuffix("?")
            known.add(name)
            if name in value:
                wrong += self.of_expression(value[name], expression, row, f"{where}.{name}", extra)
            elif not member.endswith("?"):
                wrong.append(f"{where} lacks {name} of {row['name']}")
        return wrong + [f"{where} has {name}, which no {row['name']} has" for name in value
                        if name not in known and name not in extra]

    def of_expression(self, value, expression, scope, where, extra):
        wrong = []
        for part in alternatives(expression):
            found = self.of_part(value, part, scope, where, extra)
            if not found:
                return []
            wrong = found if not wrong or len(found) < len(wrong) else wrong
        return wrong

    def of_part(self, value, part, scope, where, extra):  # pylint: disable=too-many-return-statements
        said = [f"{where} is {value!r}, not {part}"]
        if part in ("unknown", "any") or "..." in part:  # the data has cut it off
            return []
        if part == "null":
            return [] if value is None else said
        if part.startswith("'") or part in ("true", "false"):
            return [] if value == (part == "true" if part in ("true", "false") else part[1:-1]) else said
        if part in SCALARS or part == "(string & {})":
            is_right = isinstance(value, SCALARS.get(part, str)) and (part == "boolean" or not isinstance(value, bool))
            return [] if is_right else said
        if part.startswith("Array<"):
            if not isinstance(value, list):
                return said
            return [wrong for at, one in enumerate(value)
                    for wrong in self.of_expression(one, part[6:-1], scope, f"{where}[{at}]", extra)]
        if part.startswith("{"):
            inner = re.fullmatch(r"\{ \[key: string\]: (.*?);? \}", part)[1]
            if not isinstance(value, dict):
                return said
            return [wrong for key, one in value.items()
                    for wrong in self.of_expression(one, inner, scope, f"{where}.{key}", extra)]
        return self.of_name(value, part, scope, where, extra)

    def of_name(self, value, name, scope, where, extra):
        row = self.find(name, scope)
        if row:
            return self.complaints(value, row, where, extra)
        if value is None:
            return [f"{where} is null, not {name}"]
        if isinstance(value, dict) and "type" in value:  # one of a union
            found = self.of_type(value["type"], scope["file"]) or self.of_type(value["type"])
            found.sort(key=lambda row: not row["name"].startswith(name + "."))
            wrongs = [self.complaints(value, one, where, extra) for one in found]
            if wrongs:
                return min(wrongs, key=len)
        if isinstance(value, (dict, list)):  # a word is one of a list of them
            self.unchecked.add(name)
        return []
