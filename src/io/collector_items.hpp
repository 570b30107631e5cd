#pragma once
// The output items of an answer, given back byte for byte in the next request: what the Responses API wants where it
// keeps nothing (store: false), above all reasoning with its encrypted_content. Given: events of an answer that was
// read for whole_items. Gives: InputItems.
#include "../dialect/item_reader.hpp"
#include "../request/response_input.hpp"
#include "collector.hpp"

OPENAI_STREAM_BEGIN

//     ask.extras = &oai::whole_items;
//     stream.open(server, ask);
//     while (stream.next(event)) message.add_with_item(event);
//     ...
//     for (const oai::InputItem& item : message.as_items()) history[count++] = item;
//     history[count++] = oai::InputItem::function_call_output(call.id, "twenty past nine");

// In place of add(), for every event of the answer. An item needs one more Record (56 bytes) and InputItem, and as many
// bytes as it has.
inline Error Collector::add_with_item(const Event& event) noexcept {
    if (event.kind != EventKind::item_json || error_ != Error::none) return add(event);
    forget_just_finished();
    uint16_t index = open_extra_;
    if (index == none) {
        index = add_record(EventKind::item_json, 0, sizeof(InputItem));
        if (index == none) return error_;
        ++item_count_;
    }
    Record& item = texts_[index];
    if (!texts_.append(item, Field::text, event.text)) return fail(Error::message_too_large);
    open_extra_ = event.more ? index : none;
    if (!event.more) {
        item.set(Flag::finished);
        if (json::is_valid(texts_.get(item, Field::text))) item.set(Flag::ended);
    }
    return Error::none;
}

// In the order in which they came. They lie in the Collector's memory, in room that was kept for them. Valid until the
// next call that is not const.
inline List<InputItem> Collector::as_items() noexcept {
    char* const ids = texts_.kept_end() - detail::collected::generated_id_bytes * call_count_;
    char* const calls = ids - sizeof(ToolCall) * call_count_;
    char* const items = calls - sizeof(AssistantExtra) * refusal_count_ - sizeof(InputItem) * item_count_;
    size_t count = 0;
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        const Record& record = texts_[index];
        if (record.kind != EventKind::item_json || !record.is(Flag::ended)) continue;
        const InputItem item = InputItem::json(JsonValue(texts_.get(record, Field::text)));
        memcpy(items + sizeof item * count++, &item, sizeof item);
    }
    return count != 0 ? List<InputItem>(reinterpret_cast<const InputItem*>(items), count) : List<InputItem>();
}

OPENAI_STREAM_END
