"""Calls of VK's API by name: the rights they want, and what is about the community and about people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.emulators.ledger import Ledger
from tests.emulators.vk_errors import VkError
from tests.emulators.vk_messages import Messages
from tests.emulators.vk_params import Params
from tests.emulators.vk_uploads import Uploads
from tests.emulators.vk_world import World

RIGHTS = {"messages": 4096, "manage": 262144, "photos": 4, "docs": 131072}
EVENT_TYPES = {"message_new", "message_reply", "message_event", "message_allow", "message_deny", "message_edit",
               "message_read", "message_typing_state", "message_reaction_event", "group_join", "group_leave",
               "user_block", "user_unblock", "wall_post_new", "wall_reply_new"}  # fmt: skip


class Methods:
    """``rights`` of the token; ``messages`` is what has to do with dialogues."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.uploads = Uploads()
        self.messages = Messages(world, ledger, self.uploads)
        self.rights = set(RIGHTS)
        self._by_name: dict[str, Callable[[Params], Any]] = {
            **self.messages.by_name,
            **self.uploads.by_name,
            "groups.setLongPollSettings": self._set_settings,
            "groups.getTokenPermissions": self._permissions,
            "groups.getById": self._group,
            "groups.isMember": lambda p: 1,
            "users.get": self._users,
        }

    def call(self, name: str, given: Mapping[str, str]) -> Any:
        """What goes under ``response``. Raises VkError."""
        if name not in self._by_name:
            raise VkError(3)
        if name.startswith("messages.") and "messages" not in self.rights:
            raise VkError(15)
        if (wanted := name.partition(".")[0]) in ("photos", "docs") and wanted not in self.rights:
            raise VkError(15)
        if name == "groups.setLongPollSettings" and "manage" not in self.rights:
            raise VkError(15)
        return self._by_name[name](Params(given))

    def _set_settings(self, p: Params) -> int:
        if p.number("group_id") != self.world.group_id:
            raise VkError(15)
        for name in EVENT_TYPES & p.given.keys():
            (self.world.enabled.add if p.flag(name) else self.world.enabled.discard)(name)
        return 1

    def _permissions(self, p: Params) -> dict[str, Any]:
        listed = [{"name": name, "setting": RIGHTS[name]} for name in sorted(self.rights)]
        return {"mask": sum(one["setting"] for one in listed), "permissions": listed}

    def _group(self, p: Params) -> dict[str, Any]:
        return {"groups": [{"id": self.world.group_id, "name": "Ромашка", "screen_name": f"club{self.world.group_id}",
                            "is_closed": 0, "type": "group"}], "profiles": []}  # fmt: skip

    def _users(self, p: Params) -> list[dict[str, Any]]:
        asked = p.numbers("user_ids")
        if len(asked) > 1000:
            raise VkError(113)
        known = [self.world.profiles[one] for one in asked if one in self.world.profiles]
        return [{"id": one.id, "first_name": one.first_name, "last_name": one.last_name, "is_closed": False,
                 **({"deactivated": "deleted"} if one.deactivated else {})} for one in known]  # fmt: skip
