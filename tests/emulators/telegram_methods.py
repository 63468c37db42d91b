"""The methods of the Bot API that a lead bot needs, strict in what they take and whole in what they give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.emulators.ledger import Ledger
from tests.emulators.telegram_checks import BotApiError, Json, Params, bad, inline_markup, message_text, reply_markup
from tests.emulators.telegram_files import CONTENT, Uploads
from tests.emulators.telegram_rates import Rates
from tests.emulators.telegram_world import Chat, Message, World

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
QUERY_LIVES = 60.0  # seconds; Telegram does not say how many
DELETABLE = 48 * 3600


class Methods:
    """One method of the Bot API is one method here. Raises BotApiError. Everything taken stands in the ledger."""

    def __init__(self, world: World, ledger: Ledger, rates: Rates) -> None:
        self.world = world
        self.ledger = ledger
        self.rates = rates
        self.webhook = ""
        self.uploads = Uploads()
        known = (
            self.getMe, self.setWebhook, self.deleteWebhook, self.getWebhookInfo, self.sendMessage, self.sendPhoto,
            self.sendDocument, self.copyMessage, self.forwardMessage, self.editMessageText,
            self.editMessageReplyMarkup, self.deleteMessage, self.answerCallbackQuery, self.setMyCommands,
            self.getMyCommands, self.sendChatAction, self.getChat, self.getChatMember, self.leaveChat,
        )  # fmt: skip
        self._known: dict[str, Callable[[Params], Any]] = {one.__name__.lower(): one for one in known}

    def call(self, name: str, params: Params) -> Json:
        """Perform a call: the body of the answer."""
        method = self._known.get(name.lower())
        if method is None:
            raise BotApiError(404, "Not Found: method not found")
        result = method(params)
        return result if isinstance(result, dict) and result.get("ok") is True else {"ok": True, "result": result}

    # ------------------------------------------------------------ the bot itself

    def getMe(self, params: Params) -> Json:
        can = {
            "can_join_groups": True, "can_read_all_group_messages": not self.world.privacy,
            "supports_inline_queries": False, "can_connect_to_business": False, "has_main_web_app": False,
        }  # fmt: skip
        return {**self.world.bot, **can}

    def setWebhook(self, params: Params) -> Json:
        url = params.text("url")
        if url and not url.startswith("https://"):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = url
        self.world.updates.end_waiter("Conflict: terminated by setWebhook request")
        return {"ok": True, "result": True, "description": "Webhook was set"}

    def deleteWebhook(self, params: Params) -> Json:
        before, self.webhook = self.webhook, ""
        if params.truth("drop_pending_updates"):
            self.world.updates.queue.clear()
        return {"ok": True, "result": True, "description": f"Webhook {'was' if before else 'is already'} deleted"}

    def getWebhookInfo(self, params: Params) -> Json:
        pending = len(self.world.updates.queue)
        return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": pending}

    def setMyCommands(self, params: Params) -> bool:
        commands = params.structure("commands", "BotCommand") or []
        scope = (params.structure("scope", "BotCommandScope") or {"type": "default"})["type"]
        for one in commands:
            if not 1 <= len(one["command"]) <= 32 or not 1 <= len(one["description"]) <= 256:
                raise bad("BOT_COMMAND_INVALID")
        self.world.commands[scope] = commands
        return True

    def getMyCommands(self, params: Params) -> list[Json]:
        scope = (params.structure("scope", "BotCommandScope") or {"type": "default"})["type"]
        return self.world.commands.get(scope, [])

    # ------------------------------------------------------------ messages

    def sendMessage(self, params: Params) -> Json:
        chat = self._writable(params)
        text = message_text(params)
        markup = reply_markup(params, private=chat.kind == "private")
        content: Json = {"text": text} | self._thread(chat, params) | self._reply(chat, params)
        preview = params.structure("link_preview_options", "LinkPreviewOptions")
        if preview:
            content["link_preview_options"] = preview
        return self._post("sendMessage", chat, content, markup).wire

    def sendPhoto(self, params: Params) -> Json:
        return self._send_file("sendPhoto", "photo", params)

    def sendDocument(self, params: Params) -> Json:
        return self._send_file("sendDocument", "document", params)

    def _send_file(self, method: str, part: str, params: Params) -> Json:
        chat = self._writable(params)
        markup = reply_markup(params, private=chat.kind == "private")
        content = {part: self.uploads.take(part, params)} | self._thread(chat, params) | self._reply(chat, params)
        return self._post(method, chat, content, markup).wire

    def copyMessage(self, params: Params) -> Json:
        chat, origin = self._writable(params), self._origin(params, "copy")
        kept = {key: value for key, value in origin.wire.items() if key in CONTENT}
        if not kept:
            raise bad("message can't be copied")
        kept |= self._thread(chat, params) | self._reply(chat, params)
        return {"message_id": self._post("copyMessage", chat, kept, reply_markup(params, private=True)).id}

    def forwardMessage(self, params: Params) -> Json:
        chat, origin = self._writable(params), self._origin(params, "forward")
        head = ("message_id", "from", "chat", "date", "reply_markup", "reply_to_message")
        kept = {key: value for key, value in origin.wire.items() if key not in head}
        kept["forward_origin"] = {"type": "user", "sender_user": origin.wire["from"], "date": origin.wire["date"]}
        return self._post("forwardMessage", chat, kept, None).wire

    def editMessageText(self, params: Params) -> Json:
        chat, message = self._editable(params)
        text, markup = message_text(params), inline_markup(params)
        if "text" not in message.wire:
            raise bad("there is no text in the message to edit")
        return self._edit("editMessageText", chat, message, text, markup)

    def editMessageReplyMarkup(self, params: Params) -> Json:
        chat, message = self._editable(params)
        return self._edit("editMessageReplyMarkup", chat, message, message.wire.get("text", ""), inline_markup(params))

    def deleteMessage(self, params: Params) -> bool:
        chat = self._known_chat(params)
        message = chat.find(params.number("message_id"))
        if message is None:
            raise bad("message to delete not found")
        if self.world.now() - message.wire["date"] > DELETABLE:
            raise bad("message can't be deleted for everyone")
        if chat.kind != "private" and not message.from_bot and chat.bot != "administrator":
            raise bad("message can't be deleted")
        message.deleted = True
        chat.changed.ring()
        self._accepted("deleteMessage", chat, message.id, "")
        return True

    def answerCallbackQuery(self, params: Params) -> bool:
        text = params.text("text")
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        query = self.world.queries.get(params.text("callback_query_id"))
        if query is None or query.answer is not None or self.world.now() - query.at > QUERY_LIVES:
            raise bad(TOO_OLD)
        query.answer, query.alert = text, params.truth("show_alert")
        return True

    def sendChatAction(self, params: Params) -> bool:
        self._writable(params)
        if params.text("action") not in (
            "typing",
            "upload_photo",
            "upload_document",
            "find_location",
            "choose_sticker",
        ):
            raise bad("wrong parameter action in request")
        return True

    # ------------------------------------------------------------ chats

    def getChat(self, params: Params) -> Json:
        chat = self._known_chat(params)
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        )
        return {**chat.wire(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}

    def getChatMember(self, params: Params) -> Json:
        chat, user = self._known_chat(params), params.number("user_id")
        if user == self.world.bot["id"]:
            return self.world.member(chat.bot)
        if user not in self.world.users:
            raise bad("member not found")
        return {"user": self.world.users[user], "status": "member"}

    def leaveChat(self, params: Params) -> bool:
        chat = self._known_chat(params)
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        chat.bot = "left"
        self._accepted("leaveChat", chat, 0, "")
        return True

    # ------------------------------------------------------------ what they share

    def _known_chat(self, params: Params) -> Chat:
        if not params.text("chat_id"):
            raise bad("chat_id is empty")
        chat = self.world.chats.get(params.number("chat_id"))
        if chat is None or (chat.kind == "private" and not chat.started and not chat.deactivated):
            if chat is not None and chat.id in self.world.users and self._met_in_a_group(chat.id):
                raise BotApiError(403, "Forbidden: bot can't initiate conversation with a user")
            raise bad("chat not found")
        if chat.moved_to is not None:
            raise BotApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", moved=chat.moved_to)
        return chat

    def _met_in_a_group(self, user: int) -> bool:
        groups = (chat for chat in self.world.chats.values() if chat.kind != "private")
        return any(one.wire.get("from", {}).get("id") == user for chat in groups for one in chat.messages.values())

    def _writable(self, params: Params) -> Chat:
        chat = self._known_chat(params)
        if chat.deactivated:
            raise BotApiError(403, "Forbidden: user is deactivated")
        if chat.kind == "private" and chat.bot == "kicked":
            raise BotApiError(403, "Forbidden: bot was blocked by the user")
        if chat.deleted:
            raise BotApiError(403, "Forbidden: the group chat was deleted")
        if chat.bot == "kicked":
            raise BotApiError(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        if chat.bot == "left":
            raise BotApiError(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
        if chat.muted:
            raise bad("not enough rights to send text messages to the chat")
        self.rates.check(chat)
        return chat

    def _thread(self, chat: Chat, params: Params) -> Json:
        thread = params.number("message_thread_id")
        if not thread:
            return {}
        if thread not in chat.topics:
            raise bad("message thread not found")
        return {"message_thread_id": thread, "is_topic_message": True}

    def _reply(self, chat: Chat, params: Params) -> Json:
        wanted = params.structure("reply_parameters", "ReplyParameters")
        if not wanted:
            return {}
        message = chat.find(int(wanted["message_id"]))
        if message is not None:
            return {"reply_to_message": self.world.quoted(message)}
        if wanted.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")

    def _origin(self, params: Params, verb: str) -> Message:
        chat = self.world.chats.get(params.number("from_chat_id"))
        message = chat.find(params.number("message_id")) if chat else None
        if message is None:
            raise bad(f"message to {verb} not found")
        return message

    def _post(self, method: str, chat: Chat, content: Json, markup: Json | None) -> Message:
        keyboard = markup if markup and "inline_keyboard" not in markup else None
        if markup and "inline_keyboard" in markup:
            content["reply_markup"] = markup
        if keyboard:
            chat.keyboard = keyboard if "keyboard" in keyboard else None
        message = self.world.add(chat, {"from": self.world.bot}, content, reply_keyboard=keyboard)
        self._accepted(method, chat, message.id, content.get("text", ""))
        return message

    def _editable(self, params: Params) -> tuple[Chat, Message]:
        chat = self._writable(params)
        message = chat.find(params.number("message_id"))
        if message is None:
            raise bad("message to edit not found")
        if not message.from_bot or message.reply_keyboard:
            raise bad("message can't be edited")
        return chat, message

    def _edit(self, method: str, chat: Chat, message: Message, text: str, markup: Json | None) -> Json:
        if (text, markup or None) == (message.wire.get("text", ""), message.wire.get("reply_markup")):
            raise bad(NOT_MODIFIED)
        wire = {key: value for key, value in message.wire.items() if key != "reply_markup"}
        message.wire = wire | ({"text": text} if text else {}) | {"edit_date": int(self.world.now())}
        if markup:
            message.wire["reply_markup"] = markup
        chat.changed.ring()
        self._accepted(method, chat, message.id, text)
        return message.wire

    def _accepted(self, method: str, chat: Chat, message_id: int, text: str) -> None:
        at = datetime.fromtimestamp(self.world.now(), UTC)
        self.ledger.accept(to=chat.id, method=method, message_id=message_id, text=text, at=at)
        self.rates.count(chat)
